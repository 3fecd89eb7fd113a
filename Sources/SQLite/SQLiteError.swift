import CSQLite
import Glibc

/// What SQLite could not do, in its own words.
package struct SQLiteError: Error, Equatable, CustomStringConvertible {
    /// What an error means to whoever meets it.
    package enum Kind: Sendable, Equatable {
        /// Another connection writes, and did not end within the busy timeout. Nothing was done.
        case busy
        /// The disk is full, or the database has reached a limit of its own.
        case full
        /// The file, or its directory, may not be written.
        case readOnly
        /// The file cannot be opened.
        case cannotOpen
        /// The file is no database.
        case notADatabase
        /// The file was one, and is damaged.
        case corrupt
        /// The system failed to read, write or lock the file.
        case inputOutput
        /// A statement went against the schema's rules.
        case constraint
        /// The database has none of the tables that a statement names, or the statement is wrong.
        case other
    }

    package let kind: Kind
    /// SQLite's extended result code.
    package let code: Int32
    /// SQLite's own words.
    package let reason: String
    /// What it was doing.
    package let action: String

    package var description: String {
        "SQLite cannot \(action): \(reason) (code \(code))"
    }

    init(code: Int32, reason: String, action: String) {
        self.code = code
        self.reason = reason
        self.action = action
        kind =
            switch code & 0xFF {
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_FULL: .full
            case SQLITE_READONLY, SQLITE_PERM: .readOnly
            case SQLITE_CANTOPEN: .cannotOpen
            case SQLITE_NOTADB: .notADatabase
            case SQLITE_CORRUPT: .corrupt
            case SQLITE_IOERR: .inputOutput
            case SQLITE_CONSTRAINT: .constraint
            default: .other
            }
    }

    /// The last error of `connection`, read right after the failed call. `nil` where there is no
    /// connection to ask.
    init(code: Int32, connection: OpaquePointer?, action: String) {
        let reason = connection.map { connection in
            let text = String(cString: sqlite3_errmsg(connection))
            let cause = sqlite3_system_errno(connection)
            switch code & 0xFF {
            case SQLITE_CANTOPEN where cause != 0, SQLITE_IOERR where cause != 0,
                SQLITE_FULL where cause != 0:
                return "\(text): \(String(cString: strerror(cause)))"
            default: return text
            }
        }
        self.init(
            code: code, reason: reason ?? String(cString: sqlite3_errstr(code)), action: action)
    }
}
