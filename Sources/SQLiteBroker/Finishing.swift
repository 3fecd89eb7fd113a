import JobQueue
import SQLite

/// From active to what follows the attempt.
extension JobFile {
    /// Writes outcomes, each only while its token still stands (the fence).
    ///
    /// - Returns: for each, whether it was written.
    mutating func finish(_ batch: [Finish]) throws(SQLiteError) -> [Bool] {
        let now = clock.unixMilliseconds
        var written = Array(repeating: false, count: batch.count)
        // Each release goes before the first of the line: the latest claim comes first here, so that the
        // earliest is at the head.
        let order = batch.indices.sorted { batch[$0].token.number > batch[$1].token.number }
        for index in order {
            let finish = batch[index]
            guard let queue = try number(of: finish.token.queue) else { continue }
            guard try write(finish, queue, now: now) else { continue }
            written[index] = true
            if let unique = finish.unique { try giveBack(unique, in: queue) }
            if let receipt = finish.receipt { try keep(receipt, in: queue, now: now) }
        }
        return written
    }

    private mutating func write(
        _ finish: Finish, _ queue: Int64, now: Int64
    ) throws(SQLiteError) -> Bool {
        switch finish.outcome {
        case .ack:
            let removed = try database.run(
                "DELETE FROM job WHERE queue = ? AND state = 2 AND worker = ? AND place = ?",
                SQLValue(queue), SQLValue(finish.token.worker.description),
                SQLValue(Int64(bitPattern: finish.token.number)))
            guard removed == 1 else { return false }
            tally.move(from: .active, to: nil, of: queue)
            tally.count(\.done, of: queue)
        case .retry(let delay, let envelope):
            let due = Self.time(now, after: delay)
            guard try move(finish, queue, to: .scheduled, place: due, envelope) else {
                return false
            }
            tally.count(\.retried, of: queue)
        case .postpone(let delay, let envelope):
            let due = Self.time(now, after: delay)
            return try move(finish, queue, to: .scheduled, place: due, envelope)
        case .deadLetter(let envelope):
            guard try move(finish, queue, to: .dead, place: now, envelope) else { return false }
            tally.count(\.dead, of: queue)
        case .release(let envelope):
            let place = try takeFirstPlace(in: queue)
            guard try move(finish, queue, to: .pending, place: place, envelope) else {
                return false
            }
            tally.awakened.insert(finish.token.queue)
        }
        return true
    }

    private mutating func move(
        _ finish: Finish, _ queue: Int64, to state: JobState, place: Int64, _ envelope: [UInt8]
    ) throws(SQLiteError) -> Bool {
        let moved = try database.run(
            """
            UPDATE job SET state = ?, worker = NULL, place = ?, envelope = ?
            WHERE queue = ? AND state = 2 AND worker = ? AND place = ?
            """,
            SQLValue(state.number), SQLValue(place), SQLValue(envelope), SQLValue(queue),
            SQLValue(finish.token.worker.description),
            SQLValue(Int64(bitPattern: finish.token.number)))
        guard moved == 1 else { return false }
        tally.move(from: .active, to: state, of: queue)
        return true
    }
}
