import JobQueue
import LinuxSystem
import SQLite

/// A file of jobs, open, with the lock that keeps other daemons away. One thread owns it: see
/// `CommitLoop`. What is done to jobs stands in files of their own.
///
/// Every function that changes something is called within a transaction, and undone with it when it
/// throws. A `BrokerError` is thrown before anything was changed.
struct JobFile: ~Copyable {
    /// For errors and the log.
    let path: String
    let clock: any JobClock
    var database: Database
    var leases = Leases()
    var tally = Tally()
    var pendingHeads = PendingHeads()
    /// Queues that an export reads, and until when it may go on, Unix milliseconds.
    var exporting: [QueueName: Int64] = [:]
    private var synchronous: Database.Synchronous?
    private var dataVersion: Int64 = 0
    /// `nil`: it is in memory, and nobody else can open it.
    private let lock: LockFile?
    /// `nil`: it is in memory.
    let place: FilePlace?

    /// Opens the file, which is made when it is not there, takes its lock, and brings it up to date.
    ///
    /// - Parameter busyTimeout: How long to wait for another process to end its writing.
    init(
        _ address: SQLiteAddress, clock: any JobClock, busyTimeout: Duration
    ) throws(JobFileError) {
        if case .file(let path) = address {
            let names = try FilePlace.names(path)
            guard names == 1 else { throw JobFileError(path: path, .severalNames(names)) }
        }
        var database = try Self.open(address, busyTimeout)
        let lock = try Self.lock(database.path, named: address.path)
        try Self.claim(&database, named: address.path)
        try Schema.prepare(&database, path: address.path)
        do {
            for former in try Self.formerWorkers(in: &database) {
                leases.addFormer(former.worker, in: former.queue)
            }
            dataVersion = try database.dataVersion()
        } catch {
            throw JobFileError(path: address.path, error)
        }
        place = try database.path.map { resolved throws(JobFileError) in
            try FilePlace(path: address.path, resolved: resolved)
        }
        path = address.path
        self.clock = clock
        self.database = database
        self.lock = lock
    }

    private static func open(
        _ address: SQLiteAddress, _ busyTimeout: Duration
    ) throws(JobFileError) -> Database {
        do {
            switch address {
            case .file(let path): return try Database(.file(path), busyTimeout: busyTimeout)
            case .memory: return try Database(.memory, busyTimeout: busyTimeout)
            }
        } catch {
            throw JobFileError(path: address.path, error)
        }
    }

    /// The lock is a file of its own beside the database, because whoever closes another descriptor of
    /// that ends SQLite's own locks on it.
    private static func lock(
        _ path: String?, named name: String
    ) throws(JobFileError) -> LockFile? {
        guard let path else { return nil }
        do {
            return try LockFile(path: path + ".lock", host: .current())
        } catch {
            throw JobFileError(path: name, error)
        }
    }

    /// The lock file's name can be removed, and with it the next daemon's way to this lock: the open
    /// database has a lock of its own.
    private static func claim(
        _ database: inout Database, named name: String
    ) throws(JobFileError) {
        do {
            guard try database.claimFile() else {
                throw JobFileError(path: name, .inUse(processID: nil))
            }
        } catch let error as SQLiteError {
            throw JobFileError(path: name, error)
        } catch let error as JobFileError {
            throw error
        } catch {
            throw JobFileError(path: name, .unusable(reason: "\(error)"))
        }
    }

    /// Whoever holds jobs now is of an earlier process: the lock is ours.
    private static func formerWorkers(
        in database: inout Database
    ) throws(SQLiteError) -> [(worker: String, queue: QueueName)] {
        var found: [(worker: String, queue: QueueName)] = []
        // CROSS keeps the order: the few queues, and of each the active jobs alone.
        try database.query(
            """
            SELECT DISTINCT job.worker, queue.name
            FROM queue CROSS JOIN job ON job.queue = queue.id AND job.state = 2
            """
        ) { row in
            if let queue = QueueName(row.text(1)) { found.append((row.text(0), queue)) }
            return true
        }
        return found
    }
}

// MARK: - Transactions

extension JobFile {
    /// Begins a transaction when no other process writes; waits for that for the busy timeout.
    mutating func begin(_ wanted: Database.Synchronous) throws(SQLiteError) {
        if wanted != synchronous {
            try database.set(wanted)
            synchronous = wanted
        }
        tally = Tally()
        try database.begin()
    }

    /// - Returns: the queues in which there is something to claim now.
    mutating func commit() throws(SQLiteError) -> Set<QueueName> {
        try writeCounters()
        try database.commit()
        let awakened = tally.awakened
        tally = Tally()
        return awakened
    }

    /// Undoes the transaction, if there is one.
    mutating func rollback() throws(SQLiteError) {
        tally = Tally()
        try database.rollback()
    }

    /// Writes into the counters of the queues what the transaction has changed so far.
    mutating func writeCounters() throws(SQLiteError) {
        for (queue, change) in tally.changes {
            func count(_ state: JobState) -> SQLValue { SQLValue(change.states[state] ?? 0) }
            try database.run(
                """
                UPDATE queue SET
                    pending = pending + ?, scheduled = scheduled + ?, active = active + ?,
                    dead = dead + ?, total_done = total_done + ?, total_dead = total_dead + ?,
                    total_retried = total_retried + ?, total_recovered = total_recovered + ?
                WHERE id = ?
                """,
                count(.pending), count(.scheduled), count(.active), count(.dead),
                SQLValue(change.totals.done), SQLValue(change.totals.dead),
                SQLValue(change.totals.retried), SQLValue(change.totals.recovered),
                SQLValue(queue))
        }
        tally.clearChanges()
    }

    /// Whether other processes can open it, too.
    var isShared: Bool { lock != nil }

    /// The queues in which there is something to claim, if another process has written since this was
    /// asked last.
    mutating func queuesAwakenedByOthers() throws(SQLiteError) -> Set<QueueName> {
        let version = try database.dataVersion()
        guard version != dataVersion else { return [] }
        let queues = try queuesWithWork()
        dataVersion = version
        return queues
    }
}

// MARK: - Queues

extension JobFile {
    /// The queue's number in the file; `nil`: it is not in it.
    mutating func number(of queue: QueueName) throws(SQLiteError) -> Int64? {
        // Outside of a transaction another process may change it at any time.
        if database.isInTransaction, let number = tally.queues[queue] { return number }
        let number = try database.first(
            "SELECT id FROM queue WHERE name = ?", SQLValue(queue.description)
        ) { $0.integer(0) }
        tally.queues[queue] = number
        return number
    }

    /// The same for one that jobs are put into, or that is paused: it is in the file from now on.
    mutating func numberOfNew(_ queue: QueueName) throws(SQLiteError) -> Int64 {
        if let number = try number(of: queue) { return number }
        try database.run("INSERT INTO queue (name) VALUES (?)", SQLValue(queue.description))
        let number = database.lastInsertedRow
        tally.queues[queue] = number
        return number
    }

    /// The place behind the last pending job, taken.
    mutating func takeLastPlace(in queue: Int64) throws(SQLiteError) -> Int64 {
        var line = try line(of: queue)
        line.last += 1
        tally.lines[queue] = line
        return line.last
    }

    /// The place before the first pending job, taken.
    mutating func takeFirstPlace(in queue: Int64) throws(SQLiteError) -> Int64 {
        var line = try line(of: queue)
        line.first -= 1
        tally.lines[queue] = line
        return line.first
    }

    private mutating func line(of queue: Int64) throws(SQLiteError) -> Tally.Line {
        if let line = tally.lines[queue] { return line }
        let found = try database.first(
            """
            SELECT
                (SELECT min(place) FROM job WHERE queue = ?1 AND state = 0 AND worker IS NULL
                    AND aside IS NULL),
                (SELECT max(place) FROM job WHERE queue = ?1 AND state = 0 AND worker IS NULL
                    AND aside IS NULL)
            """, SQLValue(queue)
        ) { row in
            row.isNull(0) ? nil : Tally.Line(first: row.integer(0), last: row.integer(1))
        }
        return (found ?? nil) ?? Tally.Line(first: 1, last: 0)
    }

    /// The places of the first and the last job of a type that wait aside; without any, 1 and 0.
    mutating func line(aside type: JobType, in queue: Int64) throws(SQLiteError) -> Tally.Line {
        // Each of the two looks at one end of the index.
        let found = try database.first(
            """
            SELECT
                (SELECT min(place) FROM job
                 WHERE queue = ?1 AND state = 0 AND worker IS NULL AND aside = ?2),
                (SELECT max(place) FROM job
                 WHERE queue = ?1 AND state = 0 AND worker IS NULL AND aside = ?2)
            """, SQLValue(queue), SQLValue(type.description)
        ) { row in
            row.isNull(0) ? nil : Tally.Line(first: row.integer(0), last: row.integer(1))
        }
        return (found ?? nil) ?? Tally.Line(first: 1, last: 0)
    }
}
