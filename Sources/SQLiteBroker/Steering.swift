import JobQueue
import SQLite

/// What an operator changes.
extension JobFile {
    /// What became of one record.
    enum Change: Sendable {
        case changed
        /// It is not there any more, or not as it was.
        case gone
        case refused(reason: String)
    }

    /// A dead job goes to the tail of pending, as a new record.
    mutating func requeue(_ job: FoundJob) throws(SQLiteError) -> Change {
        let record = job.record
        guard let queue = try number(of: record.queue) else { return .gone }
        guard let renewed = record.requeued(at: clock.unixMilliseconds) else {
            return .refused(reason: "the record cannot be read")
        }
        if let key = record.uniqueKey, let holder = try holder(of: key, in: queue),
            holder != record.id
        {
            return .refused(reason: "job \(holder) holds its unique key now")
        }
        let moved = try database.run(
            """
            UPDATE job SET state = 0, place = ?, envelope = ?
            WHERE seq = ? AND state = 3 AND envelope = ?
            """,
            SQLValue(try takeLastPlace(in: queue)), SQLValue(renewed), SQLValue(job.row),
            SQLValue(record.envelope))
        guard moved == 1 else { return .gone }
        if let id = record.id {
            if let key = record.uniqueKey { try hold(key, for: id, in: queue) }
            try dropReceipt(of: id, in: queue)
        }
        tally.move(from: .dead, to: .pending, of: queue)
        tally.awakened.insert(record.queue)
        return .changed
    }

    /// A job that does not run is dropped, its unique key given back, and its id forgotten.
    mutating func delete(_ job: FoundJob) throws(SQLiteError) -> Change {
        let record = job.record
        guard let queue = try number(of: record.queue) else { return .gone }
        let removed = try database.run(
            "DELETE FROM job WHERE seq = ? AND state = ? AND envelope = ?",
            SQLValue(job.row), SQLValue(record.state.number), SQLValue(record.envelope))
        guard removed == 1 else { return .gone }
        if let key = record.uniqueKey, let id = record.id {
            try giveBack(UniqueKey(key: key, holder: id), in: queue)
        }
        try forget(record.id, record.line, in: queue)
        tally.move(from: record.state, to: nil, of: queue)
        return .changed
    }

    mutating func setPaused(_ queues: [QueueName], _ isPaused: Bool) throws(SQLiteError) {
        for queue in queues {
            try database.run(
                "UPDATE queue SET paused = ? WHERE id = ?", SQLValue(isPaused ? 1 : 0),
                SQLValue(try numberOfNew(queue)))
            if !isPaused { tally.awakened.insert(queue) }
        }
    }
}
