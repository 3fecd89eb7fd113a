import JobQueue
import SQLite

/// Jobs that move to another broker, and that come from one.
extension SQLiteBroker {
    package func exportJobs(
        behind position: ExportPosition?, bytes: Int
    ) async throws -> ExportPage {
        try await store.perform(.look) { file in
            let queues = try file.queues()
            var position = position ?? .first(of: queues)
            while let present = position {
                file.keepScheduled(in: present.queue)
                let found = try file.line(
                    of: present.state, aside: present.aside, in: present.queue,
                    behind: present.place.map { ($0, present.row) }, bytes: bytes)
                let fitting = ExportPage.fitting(found.map(\.record), bytes: bytes)
                if let last = fitting.indices.last.map({ found[$0] }) {
                    return ExportPage(
                        records: Array(fitting),
                        next: ExportPosition(
                            queue: present.queue, state: present.state, aside: present.aside,
                            place: last.place, row: last.row))
                }
                let types =
                    present.asksForTypes
                    ? try file.typesAside(
                        in: present.queue, behind: present.aside?.description ?? "") : []
                position = present.following(among: queues, aside: types)
            }
            return ExportPage(records: [], next: nil)
        }
    }

    package func importJobs(_ jobs: [ImportedJob]) async throws -> [ImportResult] {
        var results: [ImportResult] = []
        while results.count < jobs.count {
            let slice = jobs[results.count...].prefix(Slice.count)
            results += try await store.perform(.promise) { file in
                var results: [ImportResult] = []
                for job in slice { results.append(try file.take(job)) }
                return results
            }
        }
        return results
    }
}

extension JobFile {
    /// While an export reads a queue that is paused, nothing becomes pending there: it would be met twice.
    mutating func keepScheduled(in queue: QueueName) {
        exporting[queue] = Self.time(clock.unixMilliseconds, after: ExportPage.holding)
    }

    mutating func isExported(
        _ queue: QueueName, _ number: Int64, now: Int64
    ) throws(SQLiteError) -> Bool {
        guard let end = exporting[queue], end > now else { return false }
        return try isPaused(number)
    }

    /// From another broker to the state that the job had there.
    mutating func take(_ job: ImportedJob) throws(SQLiteError) -> ImportResult {
        let record = job.record
        let now = clock.unixMilliseconds
        let queue = try numberOfNew(record.queue)
        let line = "\(job.line):\(job.copy)"
        if try isRemembered(line, in: queue, now: now) { return .known }
        if let key = job.uniqueKey, let id = job.id {
            if let holder = try holder(of: key, in: queue), holder != id {
                return .refused(holder: holder)
            }
            try hold(key, for: id, in: queue)
        }
        let lifetime = EnvelopeLimits.standardRemember
        try remember(line, in: queue, for: lifetime, now: now)
        if let id = job.id {
            try remember(id.description, in: queue, for: lifetime, now: now)
            try dropReceipt(of: id, in: queue)
        }
        let place = record.state == .pending ? try takeLastPlace(in: queue) : record.time ?? now
        try database.run(
            "INSERT INTO job (queue, state, place, envelope) VALUES (?, ?, ?, ?)",
            SQLValue(queue), SQLValue(record.state.number), SQLValue(place),
            SQLValue(record.envelope))
        tally.move(from: nil, to: record.state, of: queue)
        if record.state == .pending { tally.awakened.insert(record.queue) }
        return .added
    }
}
