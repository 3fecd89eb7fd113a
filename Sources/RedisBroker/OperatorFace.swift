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
        let now = clock[0] * 1000 + clock[1] / 1000
        let leases = try await askAll(
            queues.map { .command(RedisCommand("ZRANGE", keys.of($0).workers, "0", "999", "WITHSCORES")) })
        for (queue, result) in zip(queues, leases) {
            guard case .success(let reply) = result else { continue }
            let parts = try reply.array()
            for index in stride(from: 0, to: parts.count - 1, by: 2) {
                let id = try parts[index].text()
                let left = Duration.milliseconds(try parts[index + 1].integer() - now)
                let length = try await askOne(
                    .command(RedisCommand("HLEN", keys.of(queue).active(id)))).integer()
                var info = workers[id] ?? WorkerInfo(id: id, queues: [], active: 0, leaseLeft: left)
                info.queues.append(queue.description)
                info.active += max(0, Int(length) - 1)
                info.leaseLeft = min(info.leaseLeft, left)
                workers[id] = info
            }
        }
        for id in workers.keys.sorted() {
            let fields = try await askOne(.command(RedisCommand("HGETALL", keys.worker(id)))).array()
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
            var found = 0
            try await scan(queue, .dead, newestFirst: true) { slice in
                records += slice.prefix(limit - found)
                found += slice.count
                return found < limit ? slice.count : nil
            }
        }
        return Array(records.sorted { ($0.time ?? 0) > ($1.time ?? 0) }.prefix(limit))
    }

    package func find(_ id: JobID) async throws -> [JobRecord] {
        var records: [JobRecord] = []
        for queue in try await knownQueues() {
            records += try await findActive(id, in: queue)
            for state in [JobState.pending, .scheduled, .dead] {
                try await scan(queue, state, containing: id.description) { slice in
                    records += slice.filter { self.id(of: $0) == id }
                    return slice.count
                }
            }
        }
        return records
    }

    package func requeue(_ selection: DeadSelection) async throws -> OperatorResult {
        try await change(selection, in: [.dead]) { try await self.requeueOne($0) }
    }

    package func delete(_ selection: DeadSelection) async throws -> OperatorResult {
        try await change(selection, in: [.dead, .scheduled, .pending]) {
            try await self.deleteOne($0)
        }
    }
}

// MARK: - Changing

extension RedisBroker {
    /// What became of one record.
    private enum Change {
        case changed
        /// Somebody else was faster.
        case gone
        case refused(reason: String)
    }

    private func change(
        _ selection: DeadSelection, in states: [JobState],
        _ body: (JobRecord) async throws -> Change
    ) async throws -> OperatorResult {
        var result = OperatorResult()
        func apply(_ record: JobRecord) async throws {
            let id = self.id(of: record)?.description ?? "?"
            switch try await body(record) {
            case .changed: result.changed.append(id)
            case .gone: break
            case .refused(let reason): result.refused.append(.init(id: id, reason: reason))
            }
        }
        switch selection {
        case .ids(let ids):
            for id in ids {
                let found = try await find(id)
                let open = found.filter { states.contains($0.state) }
                for record in open { try await apply(record) }
                if open.isEmpty, let other = found.first {
                    result.refused.append(
                        .init(id: id.description, reason: "the job is \(other.state.rawValue)"))
                }
            }
        case .all(let type):
            for queue in try await knownQueues() {
                // What dies or is refused meanwhile must not keep this going for ever.
                var left = try await askOne(
                    .command(RedisCommand("ZCARD", keys.of(queue).dead))).integer()
                try await scan(queue, .dead) { slice in
                    let before = result.changed.count
                    for record in slice where type == nil || self.type(of: record) == type {
                        try await apply(record)
                    }
                    left -= Int64(slice.count)
                    // What was moved is not passed over: the rest has come forward.
                    return left > 0 ? slice.count - (result.changed.count - before) : nil
                }
            }
        }
        return result
    }

    private func requeueOne(_ record: JobRecord) async throws -> Change {
        let names = keys.of(record.queue)
        var call = ScriptCall(Scripts.requeue, keys: [names.dead, names.pending])
        let id = self.id(of: record)?.description ?? ""
        var renewed: [UInt8]
        if let envelope = try? Envelope(record.envelope, maxPayload: .max / 2) {
            renewed = envelope.updated(.requeued)
            if let key = envelope.uniqueKey {
                call = ScriptCall(
                    Scripts.requeue, keys: [names.dead, names.pending, names.unique(key)])
            }
        } else if let record = UndecodableRecord(decoding: record.envelope) {
            renewed = record.raw
        } else {
            return .refused(reason: "the record cannot be read")
        }
        call.append(record.envelope)
        call.append(renewed)
        call.append(id)
        let reply = try await askOne(.script(call))
        if case .integer(let moved) = reply { return moved == 1 ? .changed : .gone }
        return .refused(reason: "job \(try reply.text()) holds its unique key now")
    }

    private func deleteOne(_ record: JobRecord) async throws -> Change {
        let names = keys.of(record.queue)
        let container =
            switch record.state {
            case .pending: names.pending
            case .scheduled: names.scheduled
            case .active, .dead: names.dead
            }
        // What cannot be read has no unique key.
        let key = (try? Envelope(record.envelope, maxPayload: .max / 2))?.uniqueKey
        var call = ScriptCall(
            Scripts.delete, keys: [container] + (key.map { [names.unique($0)] } ?? []))
        call.append(record.envelope)
        call.append(id(of: record)?.description ?? "")
        return try await askOne(.script(call)).integer() == 1 ? .changed : .gone
    }

    private func setPaused(_ queues: [QueueName], _ flag: String) async throws {
        do {
            try await announce(Set(queues), on: try await client.connectionNow())
        } catch let error as RedisError where error.serverCode == "OOM" {
            // The set of known queues cannot grow now; a pause counts all the same.
        } catch let error as RedisError {
            throw BrokerError(error)
        }
        let calls = queues.map { queue in
            ScriptCall(
                Scripts.pause, keys: [keys.of(queue).paused, keys.of(queue).workers],
                arguments: [flag])
        }
        for result in try await askAll(calls.map(RedisRequest.script)) {
            if case .failure(let error) = result { throw BrokerError(error) }
        }
    }
}

// MARK: - Looking

extension RedisBroker {
    /// The queues that somebody has used, and this worker's own, sorted.
    private func knownQueues() async throws -> [QueueName] {
        var names = Set(options.worker?.queues ?? [])
        var cursor = "0"
        repeat {
            let reply = try await askOne(
                .command(RedisCommand("SSCAN", keys.queues, cursor, "COUNT", "500"))).array()
            guard reply.count == 2 else { break }
            cursor = try reply[0].text()
            for name in try reply[1].array() {
                // Whoever put something else there gets no queue of it.
                if let queue = QueueName(try name.text()) { names.insert(queue) }
            }
        } while cursor != "0"
        return names.sorted { $0.description < $1.description }
    }

    /// Goes through a container slice by slice. `body` returns how many of the slice's entries are to
    /// be passed over next, or `nil` to stop. With `containing`, it is given only what contains that,
    /// and its answer counts for nothing but `nil`.
    private func scan(
        _ queue: QueueName, _ state: JobState, newestFirst: Bool = false,
        containing text: String = "", _ body: ([JobRecord]) async throws -> Int?
    ) async throws {
        let names = keys.of(queue)
        let container =
            switch state {
            case .pending: names.pending
            case .scheduled: names.scheduled
            case .active, .dead: names.dead
            }
        var offset = 0
        while true {
            let reply = try await askOne(
                .script(
                    ScriptCall(
                        Scripts.scan, keys: [container],
                        arguments: [
                            newestFirst ? "backward" : "forward", String(offset),
                            String(Slice.count), String(Slice.bytes), text,
                        ]))
            ).array()
            guard let looked = try reply.first?.integer(), looked > 0 else { return }
            var records: [JobRecord] = []
            for index in stride(from: 1, to: reply.count - 1, by: 2) {
                let score = try reply[index + 1].text()
                records.append(
                    JobRecord(
                        queue: queue, state: state, envelope: try reply[index].bytes(),
                        time: Double(score).flatMap { Int64(exactly: $0.rounded()) }))
            }
            guard let passed = try await body(records) else { return }
            offset += text.isEmpty ? passed : Int(looked)
        }
    }

    private func findActive(_ id: JobID, in queue: QueueName) async throws -> [JobRecord] {
        let names = keys.of(queue)
        var records: [JobRecord] = []
        let workers = try await askOne(
            .command(RedisCommand("ZRANGE", names.workers, "0", "999"))).array()
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
                    if self.id(of: record) == id { records.append(record) }
                }
            } while cursor != "0"
        }
        return records
    }

    /// The record's id; one that has none yet and is active has that of its first claim.
    private func id(of record: JobRecord) -> JobID? {
        if let envelope = try? Envelope(record.envelope, maxPayload: .max / 2) {
            if let id = envelope.id { return id }
            guard let worker = record.worker.flatMap({ WorkerID($0) }), let token = record.token
            else { return nil }
            return JobID(
                firstClaim: LeaseToken(worker: worker, queue: record.queue, number: token))
        }
        return UndecodableRecord(decoding: record.envelope)?.id
    }

    private func type(of record: JobRecord) -> JobType? {
        // What cannot be read has no type.
        (try? Envelope(record.envelope, maxPayload: .max / 2))?.type
    }

    private func read(_ reply: RedisReply, into stats: inout QueueStats) throws {
        let parts = try reply.array()
        guard parts.count == 7 else {
            throw BrokerError.refused(reason: "Redis answered \(parts.count) counts, not 7")
        }
        stats.pending = Int(try parts[0].integer())
        stats.scheduled = Int(try parts[1].integer())
        stats.dead = Int(try parts[2].integer())
        stats.active = Int(try parts[3].integer())
        stats.isPaused = try parts[4].integer() == 1
        let totals = try parts[5].array().map { $0 == .null ? 0 : Int(try $0.integer()) }
        if totals.count == 4 {
            stats.totals.done = totals[0]
            stats.totals.dead = totals[1]
            stats.totals.retried = totals[2]
            stats.totals.recovered = totals[3]
        }
        // What cannot be read does not say when it was enqueued.
        let head = try? Envelope(try parts[6].bytes(), maxPayload: options.maxPayload)
        stats.oldestPendingAt = head?.enqueuedAt
    }

    private func askAll(
        _ requests: [RedisRequest]
    ) async throws(BrokerError) -> [Result<RedisReply, RedisError>] {
        let connection: RedisConnection
        do {
            connection = try await client.connectionNow()
        } catch {
            throw BrokerError(error)
        }
        return await connection.perform(requests, timeout: options.commandTimeout)
    }

    private func askOne(_ request: RedisRequest) async throws(BrokerError) -> RedisReply {
        do {
            return try await askAll([request])[0].get()
        } catch let error as RedisError {
            throw BrokerError(error)
        } catch let error as BrokerError {
            throw error
        } catch {
            throw .refused(reason: String(describing: error))
        }
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
