import JobQueue
import Redis

/// Requeue, delete, pause: what an operator changes.
extension RedisBroker {
    enum OperatorAction {
        case requeue
        case delete
    }

    /// What became of one record.
    private enum Change {
        case changed
        /// Somebody else was faster.
        case gone
        case refused(reason: String)
    }

    /// Does `action` to every job that is meant and is in one of `states` (with `.all`: dead).
    func change(
        _ selection: DeadSelection, in states: [JobState], by action: OperatorAction
    ) async throws -> OperatorResult {
        var result = OperatorResult()
        switch selection {
        case .ids(let ids):
            for id in ids {
                let found = try await find(id)
                let open = found.filter { states.contains($0.state) }
                for record in open { try await apply(action, to: record, &result) }
                if open.isEmpty, let other = found.first {
                    result.refused.append(
                        .init(id: id.description, reason: "the job is \(other.state.rawValue)"))
                }
            }
        case .all(let type):
            for queue in try await knownQueues() {
                try await applyToDead(of: queue, type, action, &result)
            }
        }
        return result
    }

    private func applyToDead(
        of queue: QueueName, _ type: JobType?, _ action: OperatorAction,
        _ result: inout OperatorResult
    ) async throws {
        // What dies meanwhile must not keep this going for ever.
        let count = RedisRequest.command(RedisCommand("ZCARD", keys.of(queue).dead))
        var left = try await askOne(count).count()
        var scan = RecordScan(queue, .dead)
        while left > 0, let slice = try await next(&scan) {
            for record in slice where type == nil || record.type == type {
                // What is no more there, whoever took it, lets those behind it come forward.
                if try await !apply(action, to: record, &result) { scan.offset -= 1 }
            }
            left -= slice.count
        }
    }

    /// - Returns: whether the record is still where it was.
    @discardableResult
    private func apply(
        _ action: OperatorAction, to record: JobRecord, _ result: inout OperatorResult
    ) async throws -> Bool {
        let change =
            switch action {
            case .requeue: try await requeueOne(record)
            case .delete: try await deleteOne(record)
            }
        let id = record.id?.description ?? "?"
        switch change {
        case .changed: result.changed.append(id)
        case .gone: break
        case .refused(let reason):
            result.refused.append(.init(id: id, reason: reason))
            return true
        }
        return false
    }

    private func requeueOne(_ record: JobRecord) async throws -> Change {
        let names = keys.of(record.queue)
        guard let renewed = record.requeued else {
            return .refused(reason: "the record cannot be read")
        }
        var call = ScriptCall(
            Scripts.requeue,
            keys: [names.dead, names.pending, names.receipt(record.id?.description ?? "")]
                + (record.uniqueKey.map { [names.unique($0)] } ?? []))
        call.append(record.envelope)
        call.append(renewed)
        call.append(record.id?.description ?? "")
        let reply = try await askOne(.script(call))
        if case .integer(let moved) = reply { return moved == 1 ? .changed : .gone }
        return .refused(reason: "job \(try reply.text()) holds its unique key now")
    }

    private func deleteOne(_ record: JobRecord) async throws -> Change {
        let names = keys.of(record.queue)
        let container = names.container(of: record.state)
        var call = ScriptCall(
            Scripts.delete,
            keys: [
                container, names.imported(record.line),
                names.enqueued(record.id?.description ?? ""),
            ] + (record.uniqueKey.map { [names.unique($0)] } ?? []))
        call.append(record.envelope)
        call.append(record.id?.description ?? "")
        return try await askOne(.script(call)).integer() == 1 ? .changed : .gone
    }

    func setPaused(_ queues: [QueueName], _ flag: String) async throws {
        do {
            try await announceIfThereIsRoom(
                Set(queues), on: try await connection(within: Self.patience))
        } catch {
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
