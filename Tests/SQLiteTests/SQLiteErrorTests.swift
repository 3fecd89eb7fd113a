import Glibc
import SQLite
import TestSupport
import Testing

@Suite("An error of SQLite says what it was doing and why it could not")
struct SQLiteErrorTests {
    private func failure(_ body: () throws -> Void) throws -> SQLiteError {
        try #require(throws: SQLiteError.self) { try body() }
    }

    @Test("a statement that is wrong")
    func syntax() throws {
        var database = try Database(.memory, busyTimeout: .zero)
        let error = try failure { try database.run("SELECT  value\n FROM nowhere") }
        #expect(error.kind == .other)
        #expect(error.description.contains(#""SELECT value FROM nowhere""#))
        #expect(error.description.contains("no such table: nowhere"))
    }

    @Test("a rule of the schema; the statement can be carried out again")
    func constraint() throws {
        var database = try Database(.memory, busyTimeout: .zero)
        try database.run("CREATE TABLE sample(value UNIQUE)")
        func insert(_ number: Int) throws {
            try database.run("INSERT INTO sample VALUES (?)", SQLValue(number))
        }
        try insert(1)
        let error = try failure { try insert(1) }
        #expect(error.kind == .constraint)
        #expect(error.reason.contains("sample.value"))
        try insert(2)
    }

    @Test("another connection that writes")
    func busy() throws {
        let directory = try TemporaryDirectory()
        var one = try Database(.file(directory.file("sample")), busyTimeout: .zero)
        var other = try Database(.file(directory.file("sample")), busyTimeout: .milliseconds(20))
        try one.begin()
        #expect(try failure { try other.begin() }.kind == .busy)
        try one.rollback()
        try other.begin()
    }

    @Test("a file that is no database")
    func notADatabase() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(String(repeating: "no database ", count: 90), to: "sample")
        var database = try Database(.file(path), busyTimeout: .zero)
        #expect(try failure { _ = try database.userVersion() }.kind == .notADatabase)
    }

    @Test("a directory that is not there")
    func missing() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("missing/sample")
        let error = try failure { _ = try Database(.file(path), busyTimeout: .zero) }
        #expect(error.kind == .cannotOpen)
        #expect(error.description.contains(path))
        #expect(error.description.contains("No such file or directory"))
    }

    @Test("a file that is full")
    func full() throws {
        var database = try Database(.memory, busyTimeout: .zero)
        try database.execute(script: "PRAGMA max_page_count = 3; CREATE TABLE sample(value);")
        let error = try failure {
            while true {
                try database.run(
                    "INSERT INTO sample VALUES (?)", .bytes([UInt8](repeating: 1, count: 999)))
            }
        }
        #expect(error.kind == .full)
    }
}
