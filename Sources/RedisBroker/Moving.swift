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
            // Backwards: what becomes due meanwhile goes from the end, and moves nothing out of sight.
            var scan = RecordScan(present.queue, present.state, newestFirst: true)
            scan.offset = max(0, Int(clamping: present.place ?? 0))
            let found = try await next(&scan) ?? []
            let fitting = Array(ExportPage.fitting(found, bytes: bytes))
            if !fitting.isEmpty {
                let offset = Int64(scan.offset - found.count + fitting.count)
                return ExportPage(
                    records: fitting,
                    next: ExportPosition(
                        queue: present.queue, state: present.state, place: offset))
            }
            position = present.following(among: queues)
        }
        return ExportPage(records: [], next: nil)
    }

    package func importJobs(_ jobs: [ImportedJob]) async throws -> [ImportResult] {
        do {
            let connection = try await connection(within: Self.patience)
            try await announce(Set(jobs.map(\.record.queue)), on: connection)
            let replies = await connection.perform(
                jobs.map { .script(importCall($0)) }, timeout: options.commandTimeout)
            return try replies.map { reply throws(RedisError) in
                switch try reply.get() {
                case .integer(let added): added == 1 ? .added : .known
                case let holder: .refused(holder: try holder.asText())
                }
            }
        } catch {
            throw BrokerError(error)
        }
    }

    private func importCall(_ job: ImportedJob) -> ScriptCall {
        let record = job.record
        let names = keys.of(record.queue)
        let hasTime = record.state != .pending
        var call = ScriptCall(
            Scripts.import,
            keys: [names.container(of: record.state), names.enqueued(job.id.description)]
                + (job.uniqueKey.map { [names.unique($0)] } ?? []))
        call.append(record.envelope)
        call.append(job.id.description)
        call.append(EnqueuePlan.rememberMilliseconds)
        call.append(hasTime ? "\(record.time ?? options.clock.unixMilliseconds)" : "")
        call.append(hasTime ? record.withID(job.id) ?? [] : [])
        return call
    }
}

extension JobRecord {
    /// The record with this id, where it has none; `nil`: it has one, or cannot be read.
    fileprivate func withID(_ id: JobID) -> [UInt8]? {
        guard let envelope = try? Envelope(envelope, maxPayload: Int.max / 2), envelope.id == nil
        else { return nil }
        return envelope.updated(EnvelopeChanges(id: id))
    }
}
