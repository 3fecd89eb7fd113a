import SQLite
import TestSupport

/// A producer that knows nothing but SQLite: plain INSERTs, a few with each connection, as short
/// programs have it.
struct FileProducer {
    let path: String
    let ledger: Ledger

    /// Enqueues one job after the other until the task is cancelled.
    func run() async {
        var number = 0
        while !Task.isCancelled {
            let numbers = number..<number + Self.jobsOfConnection
            number = numbers.upperBound
            await onThread { enqueue(numbers) }
            await pause(.milliseconds(100))
        }
    }

    private func enqueue(_ numbers: Range<Int>) {
        var database: Database?
        for number in numbers {
            let id = "t-file-\(number)"
            let envelope = #"{"id":"\#(id)","type":"test:job","payload":{}}"#
            do throws(SQLiteError) {
                if database == nil { database = try Self.open(path) }
                try database?.insert(envelope, runAt: number.isMultiple(of: 7) ? 1 : nil)
                ledger.answered(id)
            } catch  where error.kind == .busy {
                ledger.refused(id)
            } catch {
                ledger.unknown(id)
                database = nil
            }
        }
    }

    /// Puts in what is no job.
    static func insert(garbage: String, into path: String) throws {
        var database = try open(path)
        try database.insert(garbage, runAt: nil)
    }

    private static func open(_ path: String) throws(SQLiteError) -> Database {
        try Database(.file(path), busyTimeout: .milliseconds(500))
    }

    private static let jobsOfConnection = 20
}

extension Database {
    fileprivate mutating func insert(_ envelope: String, runAt: Int64?) throws(SQLiteError) {
        try run(
            "INSERT INTO enqueue(envelope, run_at) VALUES (?, ?)", .text(envelope),
            runAt.map(SQLValue.integer) ?? .null)
    }
}
