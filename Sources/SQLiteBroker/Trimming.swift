import JobQueue
import SQLite

/// Dropping dead letters beyond a number or an age.
extension JobFile {
    /// How many there are beyond; of those beyond the age no more are counted than one slice drops, and
    /// one.
    mutating func countDead(
        beyond limits: DeadLimits, in queue: QueueName
    ) throws(SQLiteError) -> Int {
        guard let number = try number(of: queue) else { return 0 }
        var beyond = 0
        if let kept = limits.count {
            // Within a transaction there may be changes that are not in the counters yet.
            try writeCounters()
            let dead = try database.first(
                "SELECT dead FROM queue WHERE id = ?", SQLValue(number)
            ) { Int($0.integer(0)) }
            beyond = (dead ?? 0) - kept
        }
        if let age = limits.age {
            let old = try database.first(
                """
                SELECT count(*) FROM (
                    SELECT 1 FROM job
                    WHERE queue = ? AND state = 3 AND worker IS NULL AND place < ? LIMIT ?)
                """,
                SQLValue(number), SQLValue(clock.unixMilliseconds - age.wholeMilliseconds),
                SQLValue(Slice.count + 1)
            ) { Int($0.integer(0)) }
            beyond = max(beyond, old ?? 0)
        }
        return max(0, beyond)
    }

    /// Drops the oldest, one slice.
    mutating func trimDead(
        in queue: QueueName, to limits: DeadLimits
    ) throws(SQLiteError) -> TrimmedSlice {
        let beyond = try countDead(beyond: limits, in: queue)
        guard beyond > 0, let number = try number(of: queue) else {
            return TrimmedSlice(dropped: 0, hasMore: false)
        }
        var rows: [Int64] = []
        var bytes = 0
        try database.query(
            """
            SELECT seq, length(envelope) FROM job
            WHERE queue = ? AND state = 3 AND worker IS NULL ORDER BY place, seq LIMIT ?
            """, SQLValue(number), SQLValue(min(beyond, Slice.count))
        ) { row in
            rows.append(row.integer(0))
            bytes += Int(row.integer(1))
            return bytes < Slice.bytes
        }
        for row in rows { try database.run("DELETE FROM job WHERE seq = ?", SQLValue(row)) }
        tally.move(rows.count, from: .dead, to: nil, of: number)
        return TrimmedSlice(dropped: rows.count, hasMore: beyond > rows.count)
    }
}
