import CSQLite
import Glibc

/// One connection to a database. Owns its `sqlite3`; dropping it closes the database.
///
/// It may be moved from thread to thread, and only one may use it at a time.
package struct Database: ~Copyable {
    /// Where a database is.
    package enum Place: Sendable, Equatable {
        /// A file, which is made when it is not there.
        case file(String)
        /// In this connection alone; gone with it.
        case memory
    }

    let connection: OpaquePointer
    /// Prepared statements by the address of their text, which is a literal.
    var prepared: [UnsafePointer<UInt8>: OpaquePointer] = [:]
    /// Of the file once more, for `claimFile`; -1: not claimed.
    private var claim: Int32 = -1

    /// Opens a database. Nothing is read yet: whether the file is one shows with the first statement.
    /// Wraps `sqlite3_open_v2`.
    ///
    /// - Parameter busyTimeout: How long a statement waits for another connection to end its writing.
    package init(_ place: Place, busyTimeout: Duration) throws(SQLiteError) {
        let name: String
        switch place {
        case .memory: name = ":memory:"
        case .file(let path):
            // An empty path would be a temporary database, and one with a colon a URI.
            name = path.hasPrefix("/") ? path : "./\(path)"
            try Self.make(path)
        }
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        var connection: OpaquePointer?
        let code = sqlite3_open_v2(name, &connection, flags, nil)
        guard code == SQLITE_OK, let connection else {
            defer { sqlite3_close(connection) }
            throw SQLiteError(code: code, connection: connection, action: "open \(name)")
        }
        self.connection = connection
        sqlite3_busy_timeout(connection, Self.milliseconds(busyTimeout))
    }

    deinit {
        for statement in prepared.values { sqlite3_finalize(statement) }
        let code = sqlite3_close(connection)
        precondition(code == SQLITE_OK, "a statement outlives its database")
        // Not earlier: closing any descriptor of a file ends SQLite's own locks on it.
        if claim >= 0 { close(claim) }
    }

    /// Makes the file, which others than its user and group may not read: it holds payloads. SQLite
    /// gives the files beside it the same permissions. Wraps `open(2)`.
    private static func make(_ path: String) throws(SQLiteError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o660)
        if descriptor >= 0 {
            // The umask may have taken the group's permission, which is meant. A file system without
            // permissions refuses this and keeps what it has.
            fchmod(descriptor, 0o660)
            close(descriptor)
        } else if errno != EEXIST {
            throw SQLiteError(
                code: SQLITE_CANTOPEN, reason: String(cString: strerror(errno)),
                action: "make \(path)")
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = min(max(duration, .zero), .seconds(86_400)).components
        return Int32(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
    }
}

// MARK: - Transactions

extension Database {
    /// Begins a transaction that writes, when no other connection does. Waits for the busy timeout.
    package mutating func begin() throws(SQLiteError) { try run("BEGIN IMMEDIATE") }

    /// Makes its changes last. After an error the transaction may still be there: roll it back.
    package mutating func commit() throws(SQLiteError) { try run("COMMIT") }

    /// Undoes the transaction, if there is one. SQLite undoes some by itself when it meets an error.
    package mutating func rollback() throws(SQLiteError) {
        if isInTransaction { try run("ROLLBACK") }
    }

    package var isInTransaction: Bool { sqlite3_get_autocommit(connection) == 0 }
}

// MARK: - One owner

extension Database {
    /// Takes the file for this process alone, by whatever name another one opens it. Connections that do
    /// not ask are let in. Ends with the connection. Wraps `flock(2)`.
    ///
    /// - Returns: `false`: another process has it.
    package mutating func claimFile() throws(SQLiteError) -> Bool {
        guard let path, claim < 0 else { return true }
        claim = open(path, O_RDWR | O_CLOEXEC)
        guard claim >= 0 else { throw failure("open \(path)") }
        while flock(claim, LOCK_EX | LOCK_NB) < 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return false
            default: throw failure("lock \(path)")
            }
        }
        return true
    }

    private func failure(_ action: String) -> SQLiteError {
        SQLiteError(
            code: SQLITE_CANTOPEN, reason: String(cString: strerror(errno)), action: action)
    }
}

// MARK: - About the database

extension Database {
    /// Rows that this connection has changed since it was opened.
    package var totalChanges: Int64 { sqlite3_total_changes64(connection) }

    /// The number of the row that this connection has inserted last.
    package var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(connection) }

    /// The file's absolute path with all links followed; `nil`: it is in memory.
    package var path: String? {
        guard let name = sqlite3_db_filename(connection, "main") else { return nil }
        let path = String(cString: name)
        return path.isEmpty ? nil : path
    }

    /// Whether the file may not be written, for want of permission.
    package var isReadOnly: Bool { sqlite3_db_readonly(connection, "main") == 1 }
}
