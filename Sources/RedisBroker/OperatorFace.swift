import JobQueue
import Redis

/// What an operator sees and does. Nothing here is on a job's way, so it may look through whole
/// containers, in slices.
extension RedisBroker: OperatorBroker {
    package func stats() async throws -> BrokerStats {
        let queues = try await knownQueues()
        var stats = BrokerStats(queues: [])
        let calls = queues.map { queue in
            let names = keys.of(queue)
            return ScriptCall(
                Scripts.stats,
                keys: [
                    names.pending, names.scheduled, names.dead, names.paused, names.workers,
                    names.totals,
                ], arguments: [names.activePrefix])
        }
        let results = try await askAll(calls.map(RedisRequest.script))
        for (queue, result) in zip(queues, results) {
            var counts = QueueStats(queue: queue)
            switch result {
            case .success(let reply): try read(reply, into: &counts)
            case .failure(let error) where error.serverCode == "WRONGTYPE":
                counts.trouble = BrokerError(error).description
            case .failure(let error): throw BrokerError(error)
            }
            stats.queues.append(counts)
        }
        return stats
    }

    package func workers() async throws -> [WorkerInfo] {
        var workers: [String: WorkerInfo] = [:]
        let queues = try await knownQueues()
        let clock = try await askOne(.command(RedisCommand("TIME"))).integers(2)
        let now = Duration.seconds(clock[0]) + .microseconds(clock[1])
        let leases = try await askAll(
            queues.map {
                .command(RedisCommand("ZRANGE", keys.of($0).workers, "0", "999", "WITHSCORES"))
            })
        for (queue, result) in zip(queues, leases) {
            guard case .success(let reply) = result else { continue }
            let parts = try reply.array()
            for index in stride(from: 0, to: parts.count - 1, by: 2) {
                let id = try parts[index].text()
                let left = Duration.milliseconds(try parts[index + 1].integer()) - now
                let length = try await askOne(
                    .command(RedisCommand("HLEN", keys.of(queue).active(id)))
                ).count()
                var info = workers[id] ?? WorkerInfo(id: id, queues: [], active: 0, leaseLeft: left)
                info.queues.append(queue.description)
                info.active += max(0, length - 1)
                info.leaseLeft = min(info.leaseLeft, left)
                workers[id] = info
            }
        }
        for id in workers.keys.sorted() {
            let fields = try await askOne(.command(RedisCommand("HGETALL", keys.worker(id))))
                .array()
            for index in stride(from: 0, to: fields.count - 1, by: 2) {
                workers[id]?.set(try fields[index].text(), to: try fields[index + 1].text())
            }
        }
        return workers.values.sorted { $0.id < $1.id }
    }

    package func pause(_ queues: [QueueName]) async throws { try await setPaused(queues, "1") }
    package func resume(_ queues: [QueueName]) async throws { try await setPaused(queues, "0") }

    package func dead(in queue: QueueName?, limit: Int) async throws -> [JobRecord] {
        let queues = if let queue { [queue] } else { try await knownQueues() }
        var records: [JobRecord] = []
        for queue in queues {
            var scan = RecordScan(queue, .dead, newestFirst: true)
            var found: [JobRecord] = []
            while found.count < limit, let slice = try await next(&scan) { found += slice }
            records += found.prefix(limit)
        }
        return Array(records.sorted { ($0.time ?? 0) > ($1.time ?? 0) }.prefix(limit))
    }

    package func find(_ id: JobID) async throws -> [JobRecord] {
        var records: [JobRecord] = []
        for queue in try await knownQueues() {
            records += try await findActive(id, in: queue)
            for state in [JobState.pending, .scheduled, .dead] {
                var scan = RecordScan(queue, state, containing: id.description)
                while let slice = try await next(&scan) {
                    records += slice.filter { $0.id == id }
                }
            }
        }
        return records
    }

    package func receipt(of id: JobID, in queue: QueueName) async throws -> [UInt8]? {
        let key = keys.of(queue).receipt(id.description)
        let reply = try await askOne(.command(RedisCommand("GET", key)))
        return reply == .null ? nil : try reply.bytes()
    }

    package func remembers(_ id: JobID, in queue: QueueName) async throws -> Bool {
        let key = keys.of(queue).enqueued(id.description)
        return try await askOne(.command(RedisCommand("EXISTS", key))).integer() == 1
    }

    package func requeue(_ selection: DeadSelection) async throws -> OperatorResult {
        try await change(selection, in: [.dead], by: .requeue)
    }

    package func delete(_ selection: DeadSelection) async throws -> OperatorResult {
        try await change(selection, in: [.dead, .scheduled, .pending], by: .delete)
    }
}

// MARK: - Reading

extension RedisBroker {
    /// The queues that somebody has used, and this worker's own, sorted.
    package func knownQueues() async throws -> [QueueName] {
        var names = Set(options.worker?.queues ?? [])
        var cursor = "0"
        repeat {
            let reply = try await askOne(
                .command(RedisCommand("SSCAN", keys.queues, cursor, "COUNT", "500"))
            ).array()
            guard reply.count == 2 else { break }
            cursor = try reply[0].text()
            for name in try reply[1].array() {
                // Whoever put something else there gets no queue of it.
                if let queue = QueueName(try name.text()) { names.insert(queue) }
            }
        } while cursor != "0"
        return names.sorted { $0.description < $1.description }
    }

    private func findActive(_ id: JobID, in queue: QueueName) async throws -> [JobRecord] {
        let names = keys.of(queue)
        var records: [JobRecord] = []
        let workers = try await askOne(
            .command(RedisCommand("ZRANGE", names.workers, "0", "999"))
        ).array()
        for worker in try workers.map({ try $0.text() }) {
            var cursor = "0"
            repeat {
                let reply = try await askOne(
                    .command(
                        RedisCommand("HSCAN", names.active(worker), cursor, "COUNT", "100"))
                ).array()
                guard reply.count == 2 else { break }
                cursor = try reply[0].text()
                let entries = try reply[1].array()
                for index in stride(from: 0, to: entries.count - 1, by: 2) {
                    guard let token = UInt64(try entries[index].text()) else { continue }
                    let record = JobRecord(
                        queue: queue, state: .active, envelope: try entries[index + 1].bytes(),
                        worker: worker, token: token)
                    if record.id == id { records.append(record) }
                }
            } while cursor != "0"
        }
        return records
    }

    private func read(_ reply: RedisReply, into stats: inout QueueStats) throws {
        let parts = try reply.array()
        guard parts.count == 7 else {
            throw BrokerError.refused(reason: "Redis answered \(parts.count) counts, not 7")
        }
        stats.pending = try parts[0].count()
        stats.scheduled = try parts[1].count()
        stats.dead = try parts[2].count()
        stats.active = try parts[3].count()
        stats.isPaused = try parts[4].integer() == 1
        let totals = try parts[5].array().map { $0 == .null ? 0 : Int(try $0.integer()) }
        if totals.count == 4 {
            stats.totals.done = totals[0]
            stats.totals.dead = totals[1]
            stats.totals.retried = totals[2]
            stats.totals.recovered = totals[3]
        }
        let bytes = try parts[6].bytes()
        let firstSeen = pendingHeads.since(
            stats.queue, bytes, now: options.clock.unixMilliseconds)
        // What cannot be read does not say when it was enqueued.
        let head = try? Envelope(bytes, maxPayload: options.maxPayload)
        stats.oldestPendingAt = head?.enqueuedAt ?? firstSeen
    }
}

extension WorkerInfo {
    fileprivate mutating func set(_ field: String, to value: String) {
        switch field {
        case "host": host = value
        case "pid": pid = Int(value)
        case "version": version = value
        case "concurrency": concurrency = Int(value)
        case "started_at": startedAt = Int64(value)
        default: break
        }
    }
}
