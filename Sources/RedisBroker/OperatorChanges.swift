import JobQueue
import Redis

/// Requeue, delete, pause: what an operator changes.
extension RedisBroker {
    enum OperatorAction {
        case requeue
        case delete
    }

    /// Why nothing can be done to a record.
    struct Refusal: Error {
        let reason: String
    }

    /// Does `action` to every job that is meant and is in one of `states` (with `.all`: dead).
    func change(
        _ selection: DeadSelection, in states: Set<JobState>, by action: OperatorAction
    ) async throws -> OperatorResult {
        var result = OperatorResult()
        switch selection {
        case .ids(let ids): try await apply(action, to: ids, in: states, &result)
        case .all(let type):
            for queue in try await knownQueues() {
                try await applyToDead(of: queue, type, action, &result)
            }
        }
        return result
    }

    /// Looks for all ids at once, however many there are.
    private func apply(
        _ action: OperatorAction, to ids: [JobID], in states: Set<JobState>,
        _ result: inout OperatorResult
    ) async throws {
        let meant = Set(ids)
        var dealtWith: Set<JobID> = []
        var others: [JobID: JobState] = [:]
        let otherStates = Set(JobState.allCases).subtracting(states)
        for queue in try await knownQueues() {
            let scans = try await scans(
                of: queue, for: meant.map(\.description), short: otherStates)
            for var scan in scans {
                while let slice = try await next(&scan) {
                    let found = slice.filter { $0.id.map(meant.contains) ?? false }
                    guard states.contains(scan.state) else {
                        for id in found.compactMap(\.id) { others[id] = scan.state }
                        continue
                    }
                    dealtWith.formUnion(found.compactMap(\.id))
                    scan.removed(try await apply(action, to: found, in: scan.key, &result))
                }
            }
        }
        for id in ids where !dealtWith.contains(id) {
            guard let state = others.removeValue(forKey: id) else { continue }
            result.refuse(id.description, "the job is \(state.rawValue)")
        }
        result.sort(as: ids)
    }

    private func applyToDead(
        of queue: QueueName, _ type: JobType?, _ action: OperatorAction,
        _ result: inout OperatorResult
    ) async throws {
        let key = keys.of(queue).dead
        // What dies meanwhile must not keep this going for ever.
        var left = try await askOne(.command(RedisCommand("ZCARD", key))).count()
        var scan = RecordScan(queue, .dead, key: key, .oldest)
        while left > 0, let slice = try await next(&scan) {
            left -= slice.count
            let meant = slice.filter { type == nil || $0.type == type }
            scan.removed(try await apply(action, to: meant, in: key, &result))
        }
    }

    /// Does `action` to `records`, a few in one round trip.
    ///
    /// - Returns: how many of them are not there any more, whoever took them.
    private func apply(
        _ action: OperatorAction, to records: [JobRecord], in key: String,
        _ result: inout OperatorResult
    ) async throws -> Int {
        var gone = 0
        for some in Self.parts(of: records) {
            var calls: [(record: JobRecord, call: ScriptCall)] = []
            for record in some {
                switch action.call(
                    record, in: key, keys: keys, at: options.clock.unixMilliseconds)
                {
                case .success(let call): calls.append((record, call))
                case .failure(let refusal):
                    result.refuse(record.id?.description ?? "?", refusal.reason)
                }
            }
            if calls.isEmpty { continue }
            let replies = try await askAll(calls.map { .script($0.call) }, areSafe: false)
            for (record, reply) in zip(calls.map(\.record), replies) {
                let id = record.id?.description ?? "?"
                switch reply {
                case .success(.integer(let done)):
                    gone += 1
                    if done == 1 { result.change(id) }
                case .success(let holder):
                    result.refuse(id, "job \(try holder.text()) holds its unique key now")
                case .failure(let error): throw BrokerError(error)
                }
            }
        }
        return gone
    }

    /// The same in parts that are not too many and not too large for one round trip.
    private static func parts(of records: [JobRecord]) -> [ArraySlice<JobRecord>] {
        var parts: [ArraySlice<JobRecord>] = []
        var start = 0
        var bytes = 0
        for (index, record) in records.enumerated() {
            if index > start, index - start >= 50 || bytes + record.envelope.count > 1 << 20 {
                parts.append(records[start..<index])
                (start, bytes) = (index, 0)
            }
            bytes += record.envelope.count
        }
        if start < records.count { parts.append(records[start...]) }
        return parts
    }

    func setPaused(_ queues: [QueueName], _ flag: String) async throws {
        do {
            try await announceIfThereIsRoom(
                Set(queues), on: try await operatorConnection(within: Self.patience))
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

extension RedisBroker.OperatorAction {
    /// What does it to one record.
    fileprivate func call(
        _ record: JobRecord, in key: String, keys: Keys, at now: Int64
    ) -> Result<ScriptCall, RedisBroker.Refusal> {
        if let size = record.wholeSize {
            return .failure(.init(reason: "its record has \(size) bytes, and is no job's"))
        }
        switch self {
        case .requeue: return requeueCall(record, keys: keys, at: now)
        case .delete: return .success(deleteCall(record, in: key, keys: keys))
        }
    }

    private func requeueCall(
        _ record: JobRecord, keys: Keys, at now: Int64
    ) -> Result<ScriptCall, RedisBroker.Refusal> {
        let names = keys.of(record.queue)
        guard let renewed = record.requeued(at: now) else {
            return .failure(.init(reason: "the record cannot be read"))
        }
        var call = ScriptCall(
            Scripts.requeue,
            keys: [names.dead, names.pending, names.receipt(record.id?.description ?? "")]
                + (record.uniqueKey.map { [names.unique($0)] } ?? []))
        call.append(record.envelope)
        call.append(renewed)
        call.append(record.id?.description ?? "")
        return .success(call)
    }

    private func deleteCall(_ record: JobRecord, in key: String, keys: Keys) -> ScriptCall {
        let names = keys.of(record.queue)
        var call = ScriptCall(
            Scripts.delete,
            keys: [
                key, names.imported(record.line),
                names.enqueued(record.id?.description ?? ""),
            ] + (record.uniqueKey.map { [names.unique($0)] } ?? []))
        call.append(record.envelope)
        call.append(record.id?.description ?? "")
        return call
    }
}
