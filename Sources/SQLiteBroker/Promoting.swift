import JobQueue
import SQLite

/// From scheduled to pending.
extension JobFile {
    /// Moves due jobs to the tail of pending, one slice, the earliest first.
    mutating func promoteDue(
        in queue: QueueName
    ) throws(SQLiteError) -> (moved: Int, nextDue: Duration?) {
        guard let number = try number(of: queue) else { return (0, nil) }
        let now = clock.unixMilliseconds
        if try isExported(queue, number, now: now) { return (0, .seconds(1)) }
        var due: [(row: Int64, time: Int64, envelope: [UInt8])] = []
        var bytes = 0
        try database.query(
            """
            SELECT seq, envelope, place FROM job
            WHERE queue = ? AND state = 1 AND worker IS NULL AND aside IS NULL
                AND place <= ?
            ORDER BY place, seq LIMIT ?
            """, SQLValue(number), SQLValue(now), SQLValue(Slice.count)
        ) { row in
            due.append((row.integer(0), row.integer(2), row.bytes(1)))
            bytes += row.byteCount(1)
            return bytes < Slice.bytes
        }
        for job in due {
            try database.run(
                "UPDATE job SET state = 0, place = ?, envelope = ? WHERE seq = ?",
                SQLValue(try takeLastPlace(in: number)),
                SQLValue(PendingStamp.put(job.time, on: job.envelope)), SQLValue(job.row))
        }
        if !due.isEmpty {
            tally.move(due.count, from: .scheduled, to: .pending, of: number)
            tally.awakened.insert(queue)
        }
        return (due.count, try timeToNextDue(in: queue))
    }

    /// How long until the next job of `queue` is due; `nil`: none is scheduled. At most a day.
    mutating func timeToNextDue(in queue: QueueName) throws(SQLiteError) -> Duration? {
        guard let number = try number(of: queue) else { return nil }
        let next = try database.first(
            """
            SELECT place FROM job WHERE queue = ? AND state = 1 AND worker IS NULL AND aside IS NULL
            ORDER BY place LIMIT 1
            """, SQLValue(number)
        ) { $0.integer(0) }
        let now = clock.unixMilliseconds
        return next.map { $0 <= now ? .zero : .milliseconds(min($0 - now, 86_400_000)) }
    }
}
