import JobQueue
import SQLite

/// A new job with its record, checked.
struct EncodedJob: Sendable {
    let id: JobID
    /// How long the id is remembered; `nil`: it is not the producer's own.
    let remember: Duration?
    let queue: QueueName
    let uniqueKey: String?
    let start: NewJob.Start?
    let envelope: [UInt8]
}

/// From nowhere to pending or scheduled.
extension JobFile {
    mutating func enqueue(_ jobs: [EncodedJob]) throws(SQLiteError) -> [EnqueueResult] {
        let now = clock.unixMilliseconds
        var results: [EnqueueResult] = []
        results.reserveCapacity(jobs.count)
        for job in jobs {
            let queue = try numberOfNew(job.queue)
            if job.remember != nil, try isRemembered(job.id.description, in: queue, now: now) {
                results.append(.known(job.id))
            } else if let key = job.uniqueKey, let holder = try holder(of: key, in: queue) {
                if holder == job.id, let lifetime = job.remember {
                    try remember(job.id.description, in: queue, for: lifetime, now: now)
                }
                results.append(holder == job.id ? .known(holder) : .duplicate(holder: holder))
            } else {
                if let key = job.uniqueKey { try hold(key, for: job.id, in: queue) }
                if let lifetime = job.remember {
                    try remember(job.id.description, in: queue, for: lifetime, now: now)
                    try dropReceipt(of: job.id, in: queue)
                }
                try insert(job, into: queue, now: now)
                results.append(.enqueued(job.id))
            }
        }
        return results
    }

    private mutating func insert(
        _ job: EncodedJob, into queue: Int64, now: Int64
    ) throws(SQLiteError) {
        let state: JobState
        let place: Int64
        switch job.start {
        case nil:
            state = .pending
            place = try takeLastPlace(in: queue)
            tally.awakened.insert(job.queue)
        case .after(let delay):
            state = .scheduled
            place = Self.time(now, after: delay)
        case .at(let time):
            state = .scheduled
            place = max(0, time)
        }
        try database.run(
            "INSERT INTO job (queue, state, place, envelope) VALUES (?, ?, ?, ?)",
            SQLValue(queue), SQLValue(state.number), SQLValue(place), SQLValue(job.envelope))
        tally.move(from: nil, to: state, of: queue)
    }

    /// Unix milliseconds.
    static func time(_ now: Int64, after delay: Duration) -> Int64 {
        let (time, overflow) = now.addingReportingOverflow(max(0, delay.wholeMilliseconds))
        return overflow ? .max : time
    }
}

// MARK: - Ids

extension JobFile {
    /// - Parameter id: Of a job, or what stands for a line of an import.
    mutating func isRemembered(
        _ id: String, in queue: Int64, now: Int64
    ) throws(SQLiteError) -> Bool {
        try database.first(
            "SELECT 1 FROM remembered WHERE queue = ? AND id = ? AND until > ?",
            SQLValue(queue), SQLValue(id), SQLValue(now)
        ) { _ in true } ?? false
    }

    mutating func remember(
        _ id: String, in queue: Int64, for lifetime: Duration, now: Int64
    ) throws(SQLiteError) {
        try database.run(
            "INSERT OR REPLACE INTO remembered (queue, id, until) VALUES (?, ?, ?)",
            SQLValue(queue), SQLValue(id), SQLValue(Self.time(now, after: lifetime)))
    }

    /// The job with this id, and the last of the equal lines that this record came by in an import, may come
    /// again.
    mutating func forget(
        _ id: JobID?, _ line: String, in queue: Int64
    ) throws(SQLiteError) {
        if let id {
            try database.run(
                "DELETE FROM remembered WHERE queue = ? AND id = ?", SQLValue(queue),
                SQLValue(id.description))
        }
        try database.run(
            """
            DELETE FROM remembered WHERE queue = ? AND id = (
                SELECT id FROM remembered WHERE queue = ? AND id > ? AND id < ?
                ORDER BY length(id) DESC, id DESC LIMIT 1)
            """, SQLValue(queue), SQLValue(queue), SQLValue("\(line):"), SQLValue("\(line);"))
    }
}

// MARK: - Unique keys

extension JobFile {
    mutating func holder(of key: String, in queue: Int64) throws(SQLiteError) -> JobID? {
        try database.first(
            "SELECT holder FROM unique_key WHERE queue = ? AND key = ?", SQLValue(queue),
            SQLValue(key)
        ) { JobID($0.text(0)) } ?? nil
    }

    mutating func hold(_ key: String, for id: JobID, in queue: Int64) throws(SQLiteError) {
        try database.run(
            "INSERT OR REPLACE INTO unique_key (queue, key, holder) VALUES (?, ?, ?)",
            SQLValue(queue), SQLValue(key), SQLValue(id.description))
    }

    /// Gives a key back, unless another job holds it by now.
    mutating func giveBack(_ unique: UniqueKey, in queue: Int64) throws(SQLiteError) {
        try database.run(
            "DELETE FROM unique_key WHERE queue = ? AND key = ? AND holder = ?",
            SQLValue(queue), SQLValue(unique.key), SQLValue(unique.holder.description))
    }
}
