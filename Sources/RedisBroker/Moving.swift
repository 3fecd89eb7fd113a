import JobQueue
import Redis

/// Jobs that move to another broker, and that come from one.
extension RedisBroker {
    package func exportJobs(
        behind position: ExportPosition?, bytes: Int
    ) async throws -> ExportPage {
        let queues = try await knownQueues()
        var position = position ?? .first(of: queues)
        while let present = position {
            try await keepScheduled(in: present.queue)
            let names = keys.of(present.queue)
            let key = present.aside.map { names.aside($0) } ?? names.container(of: present.state)
            // Those with a time from the latest on: what becomes due meanwhile goes from the other end, and moves
            // nothing out of sight. Pending ones in their order.
            var scan = RecordScan(
                present.queue, present.state, key: key,
                present.state == .pending ? .oldest : .newest)
            let offset = max(0, present.place ?? 0)
            scan.position = String(offset)
            let fitting = Array(
                ExportPage.fitting(try await next(&scan) ?? [], bytes: bytes))
            if !fitting.isEmpty {
                var following = present
                following.place = offset + Int64(fitting.count)
                return ExportPage(records: fitting, next: following)
            }
            let types = present.asksForTypes ? try await asideTypes(of: present.queue) : []
            position = present.following(among: queues, aside: types)
        }
        return ExportPage(records: [], next: nil)
    }

    /// While an export reads a queue that is paused, nothing becomes pending there: it would be met twice.
    private func keepScheduled(in queue: QueueName) async throws {
        let mark = RedisCommand(
            "SET", keys.of(queue).exporting, "1", "PX",
            String(ExportPage.holding.wholeMilliseconds))
        do {
            _ = try await askOne(.command(mark))
        } catch BrokerError.refused {
            // A full Redis can be read all the same; what is due may be met twice then.
        }
    }

    package func importJobs(_ jobs: [ImportedJob]) async throws -> [ImportResult] {
        do {
            let connection = try await operatorConnection(within: Self.patience)
            try await announce(Set(jobs.map(\.record.queue)), on: connection)
            let replies = await connection.perform(
                jobs.map { .script(importCall($0)) }, timeout: options.commandTimeout)
            return try replies.map { reply throws(RedisError) in
                switch try reply.get() {
                case .integer(let added): added == 1 ? .added : .known
                case let holder: .refused(holder: try holder.asText())
                }
            }
        } catch let error as RedisError {
            throw BrokerError(error)
        }
    }

    private func importCall(_ job: ImportedJob) -> ScriptCall {
        let record = job.record
        let names = keys.of(record.queue)
        let hasTime = record.state != .pending
        var words = [names.container(of: record.state), names.imported(job.line)]
        if let id = job.id?.description { words += [names.enqueued(id), names.receipt(id)] }
        if let key = job.uniqueKey { words.append(names.unique(key)) }
        var call = ScriptCall(Scripts.import, keys: words)
        call.append(record.envelope)
        call.append(job.copy)
        call.append(EnvelopeLimits.standardRemember.wholeMilliseconds)
        call.append(hasTime ? "\(record.time ?? options.clock.unixMilliseconds)" : "")
        call.append(job.id?.description ?? "")
        return call
    }
}
