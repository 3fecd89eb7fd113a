import JobQueue
import Redis

/// What an operator sees and does. Nothing here is on a job's way, so it may look through whole
/// containers, in slices.
extension RedisBroker: OperatorBroker {
    package func stats() async throws -> BrokerStats {
        let (queues, areAll) = try await allQueues()
        var stats = BrokerStats(queues: [], isCut: !areAll)
        // Not all in one go: Redis answers others between them.
        for start in stride(from: 0, to: queues.count, by: Self.queuesAtOnce) {
            let some = queues[start..<min(start + Self.queuesAtOnce, queues.count)]
            let results = try await askAll(some.map(statsRequest))
            for (queue, result) in zip(some, results) {
                var counts = QueueStats(queue: queue)
                switch result {
                case .success(let reply): try read(reply, into: &counts)
                case .failure(let error) where error.serverCode == "WRONGTYPE":
                    counts.trouble = BrokerError(error).description
                case .failure(let error): throw BrokerError(error)
                }
                stats.queues.append(counts)
            }
        }
        return stats
    }

    private func statsRequest(of queue: QueueName) -> RedisRequest {
        let names = keys.of(queue)
        return .script(
            ScriptCall(
                Scripts.stats,
                keys: [
                    names.pending, names.scheduled, names.dead, names.paused, names.workers,
                    names.totals, names.aside,
                ],
                arguments: [
                    names.activePrefix, String(PendingHead.beginning), names.asidePrefix,
                ]))
    }

    package func workers() async throws -> [WorkerInfo] {
        let clock = try await askOne(.command(RedisCommand("TIME"))).integers(2)
        let now = Duration.seconds(clock[0]) + .microseconds(clock[1])
        var workers: [String: WorkerInfo] = [:]
        for queue in try await knownQueues() {
            try await addWorkers(of: queue, to: &workers, now: now)
        }
        let listed = WorkerInfo.listed(workers.values)
        for start in stride(from: 0, to: listed.count, by: Self.queuesAtOnce) {
            let some = listed[start..<min(start + Self.queuesAtOnce, listed.count)]
            let results = try await askAll(
                some.map { .command(RedisCommand("HGETALL", keys.worker($0.id))) })
            for (worker, result) in zip(some, results) {
                // What cannot be read tells nothing of its worker; that it holds a lease is known.
                guard case .success(let reply) = result else { continue }
                let fields = try reply.array()
                for index in stride(from: 0, to: fields.count - 1, by: 2) {
                    workers[worker.id]?.set(
                        try fields[index].text(), to: try fields[index + 1].text())
                }
            }
        }
        return listed.compactMap { workers[$0.id] }
    }

    /// Those whose leases end last; of very many the rest is left out.
    private func addWorkers(
        of queue: QueueName, to workers: inout [String: WorkerInfo], now: Duration
    ) async throws {
        let names = keys.of(queue)
        let last = String(WorkerInfo.listLimit)
        guard
            case .success(let reply) = try await askAll([
                .command(RedisCommand("ZREVRANGE", names.workers, "0", last, "WITHSCORES"))
            ])[0]
        else { return }
        let parts = try reply.array()
        let leases = try stride(from: 0, to: parts.count - 1, by: 2).map {
            (id: try parts[$0].text(), end: try parts[$0 + 1].integer())
        }
        guard !leases.isEmpty else { return }
        let lengths = try await askAll(
            leases.map { .command(RedisCommand("HLEN", names.active($0.id))) })
        for ((id, end), length) in zip(leases, lengths) {
            let left = Duration.milliseconds(end) - now
            var info = workers[id] ?? WorkerInfo(id: id, queues: [], active: 0, leaseLeft: left)
            info.queues.append(queue.description)
            if case .success(let length) = length { info.active += max(0, try length.count() - 1) }
            info.leaseLeft = min(info.leaseLeft, left)
            workers[id] = info
        }
    }

    package func pause(_ queues: [QueueName]) async throws { try await setPaused(queues, "1") }
    package func resume(_ queues: [QueueName]) async throws { try await setPaused(queues, "0") }

    package func dead(in queue: QueueName?, limit: Int) async throws -> [JobRecord] {
        let queues = if let queue { [queue] } else { try await knownQueues() }
        var records: [JobRecord] = []
        var room = RecordRoom()
        for queue in queues {
            var scan = RecordScan(queue, .dead, key: keys.of(queue).dead)
            var found = 0
            while found < limit, let slice = try await next(&scan) {
                records += slice.prefix(limit - found).map { room.admit($0) }
                found += slice.count
            }
            records.sort { ($0.time ?? 0) > ($1.time ?? 0) }
            records.removeLast(max(0, records.count - limit))
        }
        return records
    }

    package func find(_ id: JobID) async throws -> [JobRecord] {
        var records: [JobRecord] = []
        var room = RecordRoom()
        for queue in try await knownQueues() {
            for var scan in try await scans(of: queue, for: [id.description]) {
                while let slice = try await next(&scan) {
                    for record in slice where record.id == id {
                        // What came to a list meanwhile has moved it back, and it is met again.
                        let record = room.admit(record)
                        if !records.contains(record) { records.append(record) }
                    }
                }
            }
        }
        return records.sorted {
            ($0.queue.description, $0.state.rank) < ($1.queue.description, $1.state.rank)
        }
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
    package func knownQueues() async throws -> [QueueName] { try await allQueues().queues }

    /// The queues that somebody has used, and this worker's own, sorted. Of very many the rest is left out.
    private func allQueues() async throws -> (queues: [QueueName], areAll: Bool) {
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
        } while cursor != "0" && names.count < Self.queueLimit
        return (names.sorted { $0.description < $1.description }, cursor == "0")
    }

    /// An answer with so many queues fits into a frame.
    private static let queueLimit = 5000
    private static let queuesAtOnce = 100

    private func read(_ reply: RedisReply, into stats: inout QueueStats) throws {
        let parts = try reply.array()
        guard parts.count == 10 else {
            throw BrokerError.refused(reason: "Redis answered \(parts.count) counts, not 10")
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
        stats.workers = try parts[8].count()
        let heads = try [parts[6], parts[7]] + parts[9].array()
        stats.oldestPendingAt = pendingHeads.oldest(
            of: try stride(from: 0, to: heads.count - 1, by: 2).map {
                PendingHead(beginning: try heads[$0].bytes(), size: try heads[$0 + 1].count())
            }, in: stats.queue, now: options.clock.unixMilliseconds)
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
