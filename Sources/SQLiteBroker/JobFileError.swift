import LinuxSystem
import SQLite

/// Why a file cannot be used to keep jobs.
package struct JobFileError: Error, Equatable, CustomStringConvertible {
    package enum Problem: Sendable, Equatable {
        /// It has so many hard links. SQLite keeps a log beside the name by which it was opened.
        case severalNames(Int)
        /// Another daemon works on it. `nil`: it has not said which.
        case inUse(processID: Int32?)
        /// It cannot be opened or locked.
        case unusable(reason: String)
        case notWritable
        /// Its file system cannot share memory between processes.
        case noWriteAheadLog
        case notADatabase
        /// A database, of another program.
        case foreign
        /// Of a later version of this program.
        case newerSchema(found: Int64, known: Int64)
        case damaged(reason: String)
    }

    package let path: String
    package let problem: Problem

    /// Whether another place would do, or other permissions; else it is the file's content.
    package var isAboutPlace: Bool {
        switch problem {
        case .severalNames, .inUse, .unusable, .notWritable, .noWriteAheadLog: true
        case .notADatabase, .foreign, .newerSchema, .damaged: false
        }
    }

    package var description: String {
        switch problem {
        case .severalNames(let count):
            "\(path) has \(count) names (hard links), and SQLite keeps a log beside each, so that jobs "
                + "would be lost; remove the other names, or copy the file"
        case .inUse(let processID):
            "\(path) is in use by another jobqueued"
                + (processID.map { " (pid \($0))" } ?? "")
                + ": one daemon works on a file; others reach it by jobqueuectl or by "
                + "INSERT INTO enqueue"
        case .unusable(let reason):
            "cannot open \(path): \(reason); does its directory exist, and may this user use it?"
        case .notWritable:
            "\(path) cannot be written; may this user write the file and its directory?"
        case .noWriteAheadLog:
            "\(path) is on a file system that SQLite's write-ahead log cannot be used on; choose a "
                + "local one"
        case .notADatabase: "\(path) is no database; choose another path"
        case .foreign: "\(path) is the database of another program; choose another path"
        case .newerSchema(let found, let known):
            "\(path) was written by a newer jobqueued (version \(found) of the file, this one knows "
                + "up to \(known)); use that one"
        case .damaged(let reason):
            "\(path) is damaged: \(reason); move it away or bring back a copy, see sqlite3 .recover"
        }
    }

    init(path: String, _ problem: Problem) {
        self.path = path
        self.problem = problem
    }

    init(path: String, _ error: SQLiteError) {
        self.path = path
        problem =
            switch error.kind {
            case .notADatabase: .notADatabase
            case .corrupt: .damaged(reason: error.reason)
            case .readOnly: .notWritable
            case .busy: .unusable(reason: "another process keeps it locked")
            case .full, .cannotOpen, .inputOutput, .constraint, .other:
                .unusable(reason: error.reason)
            }
    }

    init(path: String, _ error: LockFileError) {
        self.path = path
        problem =
            switch error {
            case .held(_, let processID): .inUse(processID: processID)
            default: .unusable(reason: error.description)
            }
    }
}
