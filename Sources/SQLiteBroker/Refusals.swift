import JobQueue
import SQLite

extension BrokerError {
    /// What an error of SQLite means to whoever asked, and what to look at. Its transaction was undone.
    ///
    /// - Parameter wasCommitting: whether what it was about may be in the file all the same.
    init(_ error: SQLiteError, path: String, wasCommitting: Bool) {
        switch error.kind {
        case .busy:
            self = .unreachable(
                address: path,
                reason: "another process keeps the file locked; who else writes to it?")
        case .full:
            self = .refused(
                reason: "\(path) cannot grow: \(error.reason); make room on its disk, until then "
                    + "outcomes wait")
        case .readOnly:
            self = .refused(
                reason: "\(path) cannot be written: \(error.reason); look at its permissions")
        case .inputOutput where wasCommitting:
            self = .outcomeUnknown(reason: "\(error)")
        case .cannotOpen, .inputOutput:
            self = .refused(reason: "\(error) in \(path); look at its disk and at the kernel's log")
        case .notADatabase, .corrupt:
            self = .refused(
                reason: "\(path) is damaged: \(error.reason); stop the daemon and bring back a "
                    + "copy, or see sqlite3 .recover")
        case .constraint, .other: self = .refused(reason: "\(error) in \(path)")
        }
    }
}
