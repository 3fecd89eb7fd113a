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
        // What goes to the head goes before the first of the line: the latest claim comes first there, so
        // that the earliest is at the head.
        let toHead = batch.indices.filter { batch[$0].outcome.goesToHead }
            .sorted { batch[$0].token.number > batch[$1].token.number }
        for index in batch.indices.filter({ !batch[$0].outcome.goesToHead }) + toHead {
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
        case .deadLetter(let envelope):
            guard try move(finish, queue, to: .dead, place: now, envelope) else { return false }
            tally.count(\.dead, of: queue)
        case .release(let envelope):
            let place = try takeFirstPlace(in: queue)
            guard try move(finish, queue, to: .pending, place: place, envelope) else {
                return false
            }
            tally.awakened.insert(finish.token.queue)
        case .putBack(let place): return try putBack(finish, queue, place)
        }
        return true
    }

    /// The record stays as it is.
    private mutating func putBack(
        _ finish: Finish, _ queue: Int64, _ target: PutBack
    ) throws(SQLiteError) -> Bool {
        let place =
            switch target {
            case .pending: try takeFirstPlace(in: queue)
            case .aside(let type): try line(aside: type, in: queue).last + 1
            case .asideFirst(let type): try line(aside: type, in: queue).first - 1
            }
        let moved = try database.run(
            """
            UPDATE job SET state = 0, worker = NULL, aside = ?, place = ?
            WHERE queue = ? AND state = 2 AND worker = ? AND place = ?
            """,
            SQLValue(target.typeAside?.description), SQLValue(place), SQLValue(queue),
            SQLValue(finish.token.worker.description),
            SQLValue(Int64(bitPattern: finish.token.number)))
        guard moved == 1 else { return false }
        tally.move(from: .active, to: .pending, of: queue)
        if target == .pending { tally.awakened.insert(finish.token.queue) }
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
