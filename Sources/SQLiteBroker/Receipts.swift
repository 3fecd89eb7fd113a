import JobQueue
import SQLite

/// What came of jobs, for as long as it is kept.
extension JobFile {
    mutating func keep(
        _ receipt: KeptReceipt, in queue: Int64, now: Int64
    ) throws(SQLiteError) {
        try database.run(
            "INSERT OR REPLACE INTO receipt (queue, id, until, record) VALUES (?, ?, ?, ?)",
            SQLValue(queue), SQLValue(receipt.id.description),
            SQLValue(Self.time(now, after: receipt.lifetime)), SQLValue(receipt.record))
    }

    /// Another end of the job with this id is to come.
    mutating func dropReceipt(of id: JobID, in queue: Int64) throws(SQLiteError) {
        try database.run(
            "DELETE FROM receipt WHERE queue = ? AND id = ?", SQLValue(queue),
            SQLValue(id.description))
    }

    mutating func receipt(of id: JobID, in queue: QueueName) throws(SQLiteError) -> [UInt8]? {
        guard let number = try number(of: queue) else { return nil }
        return try database.first(
            "SELECT record FROM receipt WHERE queue = ? AND id = ? AND until > ?",
            SQLValue(number), SQLValue(id.description), SQLValue(clock.unixMilliseconds)
        ) { $0.bytes(0) }
    }
}
