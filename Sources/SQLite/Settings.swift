/// What a connection is told, and asked, by `PRAGMA`.
extension Database {
    /// When a commit waits until what it has written is on the disk.
    package enum Synchronous: Sendable, Equatable {
        /// At each commit: it survives a power cut.
        case full
        /// Only when the log is copied into the database: the last commits may be lost with the power,
        /// none with the process, and the database stays whole.
        case normal
    }

    /// Not within a transaction.
    package mutating func set(_ synchronous: Synchronous) throws(SQLiteError) {
        // SQLite does this while it prepares the statement: one that is kept would do it once.
        switch synchronous {
        case .full: try execute(script: "PRAGMA synchronous = FULL")
        case .normal: try execute(script: "PRAGMA synchronous = NORMAL")
        }
    }

    /// Has changes go through a write-ahead log, so that readers and the writer do not wait for each
    /// other.
    ///
    /// - Returns: whether that is so now; not every file system can do it.
    package mutating func useWriteAheadLog() throws(SQLiteError) -> Bool {
        try first("PRAGMA journal_mode = WAL") { $0.text(0) } == "wal"
    }

    /// Copies the write-ahead log into the database, as far as no reader needs what was there before.
    ///
    /// - Returns: whether all of it was copied: the next writer uses the log's room anew.
    package mutating func checkpoint() throws(SQLiteError) -> Bool {
        try first("PRAGMA wal_checkpoint(PASSIVE)") { row in
            row.integer(1) > 0 && row.integer(1) == row.integer(2)
        } ?? false
    }

    /// Changes whenever another connection has committed something; the number itself says nothing.
    package mutating func dataVersion() throws(SQLiteError) -> Int64 {
        try first("PRAGMA data_version") { $0.integer(0) } ?? 0
    }

    /// Whose file it is; 0: nobody's.
    package mutating func applicationID() throws(SQLiteError) -> Int64 {
        try first("PRAGMA application_id") { $0.integer(0) } ?? 0
    }

    /// The schema's version; 0: none was made.
    package mutating func userVersion() throws(SQLiteError) -> Int64 {
        try first("PRAGMA user_version") { $0.integer(0) } ?? 0
    }
}
