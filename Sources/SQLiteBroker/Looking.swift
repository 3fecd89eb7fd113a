import JobQueue
import SQLite

/// A job's row and what an operator sees of it.
struct FoundJob: Sendable {
    let row: Int64
    /// Where it stands among those of its state.
    let place: Int64
    let record: JobRecord
}

/// Looking for jobs, a slice at a time. A job keeps its row from state to state, so that one that moves
/// meanwhile is neither overlooked nor found twice.
extension JobFile {
    /// Looks through the rows behind `start` for records that contain `text` (empty: any) and are meant.
    ///
    /// - Returns: what was found, and the last row that was looked at; `nil`: there are no more.
    mutating func look(
        behind start: Int64, for text: [UInt8], _ isMeant: (JobRecord) -> Bool
    ) throws(SQLiteError) -> (found: [FoundJob], last: Int64?) {
        var found: [FoundJob] = []
        var last: Int64?
        var bytes = 0
        try database.query(
            """
            SELECT job.seq, queue.name, job.state, job.place, job.worker, job.envelope
            FROM job JOIN queue ON queue.id = job.queue
            WHERE job.seq > ? ORDER BY job.seq LIMIT ?
            """, SQLValue(start), SQLValue(Slice.looked)
        ) { row in
            last = row.integer(0)
            bytes += row.byteCount(5)
            // The worker's id is part of the id that a job has by its first claim.
            if text.isEmpty || row.bytes(5, contain: text) || !row.isNull(4),
                let job = Self.job(row), isMeant(job.record)
            {
                found.append(job)
            }
            return bytes < Slice.bytes
        }
        return (found, last)
    }

    /// The newest dead jobs of a queue. What has no room in `room` is without its payload.
    mutating func newestDead(
        in queue: QueueName, limit: Int, _ room: inout RecordRoom
    ) throws(SQLiteError) -> [JobRecord] {
        guard let number = try number(of: queue) else { return [] }
        var found: [JobRecord] = []
        try database.query(
            """
            SELECT job.seq, queue.name, job.state, job.place, job.worker, job.envelope
            FROM job JOIN queue ON queue.id = job.queue
            WHERE job.queue = ? AND job.state = 3 AND job.worker IS NULL
                AND job.aside IS NULL
            ORDER BY job.place DESC, job.seq DESC LIMIT ?
            """, SQLValue(number), SQLValue(max(0, limit))
        ) { row in
            if let job = Self.job(row) { found.append(room.admit(job.record)) }
            return true
        }
        return found
    }

    /// Dead jobs behind another one, the oldest first, one slice.
    mutating func dead(
        in queue: QueueName, behind last: FoundJob?
    ) throws(SQLiteError) -> [FoundJob] {
        try line(
            of: .dead, in: queue, behind: last.map { ($0.record.time ?? .min, $0.row) },
            bytes: Slice.bytes)
    }

    /// Jobs of a state that is not active in their order, one slice, that has about so many bytes.
    ///
    /// - Parameters:
    ///   - type: Of pending jobs those that wait aside under this type; `nil`: those that do not.
    ///   - last: place and row of the one before; `nil`: from the beginning.
    mutating func line(
        of state: JobState, aside type: JobType? = nil, in queue: QueueName,
        behind last: (place: Int64, row: Int64)?, bytes limit: Int
    ) throws(SQLiteError) -> [FoundJob] {
        guard let number = try number(of: queue) else { return [] }
        var found: [FoundJob] = []
        var bytes = 0
        try database.query(
            """
            SELECT job.seq, queue.name, job.state, job.place, job.worker, job.envelope
            FROM job JOIN queue ON queue.id = job.queue
            WHERE job.queue = ? AND job.state = ? AND job.worker IS NULL
                AND job.aside IS ? AND (job.place, job.seq) > (?, ?)
            ORDER BY job.place, job.seq LIMIT ?
            """, SQLValue(number), SQLValue(state.number), SQLValue(type?.description),
            SQLValue(last?.place ?? .min),
            SQLValue(last?.row ?? .min), SQLValue(Slice.count)
        ) { row in
            if let job = Self.job(row) { found.append(job) }
            bytes += row.byteCount(5)
            return bytes < limit
        }
        return found
    }

    /// Every queue in the file, sorted.
    mutating func queues() throws(SQLiteError) -> [QueueName] {
        var queues: [QueueName] = []
        try database.query("SELECT name FROM queue") { row in
            if let queue = QueueName(row.text(0)) { queues.append(queue) }
            return true
        }
        return queues.sorted { $0.description < $1.description }
    }

    private static func job(_ row: borrowing Row) -> FoundJob? {
        guard let queue = QueueName(row.text(1)), let state = JobState(number: row.integer(2))
        else { return nil }
        let place = row.integer(3)
        let hasTime = state == .scheduled || state == .dead
        let size = row.byteCount(5)
        let isLarge = size > Claim.largest
        return FoundJob(
            row: row.integer(0), place: place,
            record: JobRecord(
                queue: queue, state: state,
                envelope: isLarge ? row.bytes(5, first: Claim.beginning) : row.bytes(5),
                wholeSize: isLarge ? size : nil, time: hasTime ? place : nil,
                worker: row.isNull(4) ? nil : row.text(4),
                token: state == .active ? UInt64(bitPattern: place) : nil))
    }
}
