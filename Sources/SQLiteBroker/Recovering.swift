import JobQueue
import SQLite

/// From a lost worker's active back to pending.
extension JobFile {
    /// Moves jobs that a lost worker holds to the head of pending, one slice, the latest claims first,
    /// so that the earliest is at the head in the end.
    ///
    /// - Parameter maxPayload: in bytes.
    /// - Returns: how many were moved; 0: it holds none any more.
    mutating func takeBack(
        from worker: String, in queue: QueueName, maxPayload: Int
    ) throws(SQLiteError) -> Int {
        guard let number = try number(of: queue) else { return 0 }
        var held: [(row: Int64, token: UInt64, envelope: [UInt8])] = []
        var bytes = 0
        try database.query(
            """
            SELECT seq, place, envelope FROM job WHERE queue = ? AND state = 2 AND worker = ?
            ORDER BY place DESC LIMIT ?
            """, SQLValue(number), SQLValue(worker), SQLValue(Slice.count)
        ) { row in
            held.append((row.integer(0), UInt64(bitPattern: row.integer(1)), row.bytes(2)))
            bytes += row.byteCount(2)
            return bytes < Slice.bytes
        }
        for job in held {
            var envelope = job.envelope
            if let worker = WorkerID(worker) {
                let token = LeaseToken(worker: worker, queue: queue, number: job.token)
                envelope = Claim(token: token, envelope: envelope)
                    .envelopeAfterLoss(maxPayload: maxPayload, at: clock.unixMilliseconds)
            }
            try database.run(
                "UPDATE job SET state = 0, worker = NULL, place = ?, envelope = ? WHERE seq = ?",
                SQLValue(try takeFirstPlace(in: number)), SQLValue(envelope), SQLValue(job.row))
        }
        if !held.isEmpty {
            tally.move(held.count, from: .active, to: .pending, of: number)
            tally.count(\.recovered, held.count, of: number)
            tally.awakened.insert(queue)
        }
        return held.count
    }

    /// Takes a worker that holds nothing in `queue` out of it.
    mutating func retire(_ worker: String, from queue: QueueName) throws(SQLiteError) {
        if let number = try number(of: queue) {
            let held = try database.first(
                "SELECT 1 FROM job WHERE queue = ? AND state = 2 AND worker = ? LIMIT 1",
                SQLValue(number), SQLValue(worker)
            ) { _ in true }
            if held == true { return }
        }
        leases.remove(worker, in: queue)
    }
}
