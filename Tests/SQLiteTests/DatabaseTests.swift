import Glibc
import SQLite
import TestSupport
import Testing

@Suite("A database")
struct DatabaseTests {
    @Test("gives back what was put in, whatever it is")
    func values() throws {
        var database = try Database(.memory, busyTimeout: .zero)
        try database.run("CREATE TABLE sample(value)")
        let values: [SQLValue] = [
            .null, .integer(.min), .integer(.max), .text(""), .text("ä\u{0}z"), .bytes([]),
            .bytes([0, 255, 10]),
        ]
        for value in values { try database.run("INSERT INTO sample VALUES (?)", value) }
        var kinds: [String] = []
        try database.query("SELECT typeof(value) FROM sample ORDER BY rowid") { row in
            kinds.append(row.text(0))
            return true
        }
        #expect(kinds == ["null", "integer", "integer", "text", "text", "blob", "blob"])
        var found: [SQLValue] = []
        try database.query("SELECT value, typeof(value) FROM sample ORDER BY rowid") { row in
            switch row.text(1) {
            case "null": found.append(row.isNull(0) ? .null : .integer(0))
            case "integer": found.append(.integer(row.integer(0)))
            case "text": found.append(.text(row.text(0)))
            default: found.append(.bytes(row.bytes(0)))
            }
            return true
        }
        #expect(found == values)
    }

    @Test("stops giving rows when they are not wanted any more, and gives all the next time")
    func early() throws {
        var database = try Database(.memory, busyTimeout: .zero)
        try database.run("CREATE TABLE sample(value)")
        for number in 1...5 { try database.run("INSERT INTO sample VALUES (?)", SQLValue(number)) }
        func numbers(_ limit: Int) throws -> [Int64] {
            var numbers: [Int64] = []
            try database.query("SELECT value FROM sample") { row in
                numbers.append(row.integer(0))
                return numbers.count < limit
            }
            return numbers
        }
        #expect(try numbers(2) == [1, 2])
        #expect(try numbers(9) == [1, 2, 3, 4, 5])
        #expect(try database.first("SELECT max(value) FROM sample") { $0.integer(0) } == 5)
        #expect(try database.first("SELECT 1 WHERE 0") { $0.integer(0) } == nil)
    }

    @Test("finds bytes among bytes")
    func contains() throws {
        var database = try Database(.memory, busyTimeout: .zero)
        func contains(_ part: String, in whole: [UInt8]) throws -> Bool? {
            try database.first("SELECT ?", SQLValue(whole)) {
                $0.bytes(0, contain: Array(part.utf8))
            }
        }
        #expect(try contains("ell", in: Array("hello".utf8)) == true)
        #expect(try contains("ello!", in: Array("hello".utf8)) == false)
        #expect(try contains("", in: Array("hello".utf8)) == true)
        #expect(try contains("a", in: []) == false)
        #expect(try contains("a", in: [0, 0, 97]) == true)
    }

    @Test("a transaction lasts when it is committed, and leaves nothing when it is undone")
    func transactions() throws {
        var database = try Database(.memory, busyTimeout: .zero)
        try database.run("CREATE TABLE sample(value)")
        try database.begin()
        var isInTransaction = database.isInTransaction
        #expect(isInTransaction)
        #expect(try database.run("INSERT INTO sample VALUES (1), (2)") == 2)
        try database.commit()
        try database.begin()
        try database.run("DELETE FROM sample")
        try database.rollback()
        try database.rollback()
        isInTransaction = database.isInTransaction
        #expect(!isInTransaction)
        #expect(try database.first("SELECT count(*) FROM sample") { $0.integer(0) } == 2)
    }

    @Test("a file keeps what was committed, is private, and tells its path")
    func file() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("sample")
        do {
            var database = try Database(.file(path), busyTimeout: .zero)
            #expect(try database.useWriteAheadLog())
            try database.set(.full)
            try database.execute(script: "CREATE TABLE sample(value); PRAGMA user_version = 3;")
            try database.run("INSERT INTO sample VALUES (7)")
            let (found, isReadOnly) = (database.path, database.isReadOnly)
            #expect(found == path)
            #expect(!isReadOnly)
            var status = stat()
            for name in [path, path + "-wal", path + "-shm"] {
                #expect(stat(name, &status) == 0)
                #expect(status.st_mode & 0o7 == 0)
            }
        }
        var database = try Database(.file(path), busyTimeout: .zero)
        #expect(try database.userVersion() == 3)
        #expect(try database.applicationID() == 0)
        #expect(try database.first("SELECT value FROM sample") { $0.integer(0) } == 7)
    }

    @Test("it is seen when another connection has changed something, and only then")
    func dataVersion() throws {
        let directory = try TemporaryDirectory()
        var one = try Database(.file(directory.file("sample")), busyTimeout: .zero)
        var other = try Database(.file(directory.file("sample")), busyTimeout: .zero)
        _ = try one.useWriteAheadLog()
        try one.run("CREATE TABLE sample(value)")
        let before = try one.dataVersion()
        try one.run("INSERT INTO sample VALUES (1)")
        #expect(try one.dataVersion() == before)
        try other.run("INSERT INTO sample VALUES (2)")
        #expect(try one.dataVersion() != before)
    }

    @Test("it can be said again and again when a commit is to be on the disk")
    func synchronous() throws {
        var database = try Database(.memory, busyTimeout: .zero)
        for (wanted, number) in [(Database.Synchronous.normal, 1), (.full, 2), (.normal, 1)] {
            try database.set(wanted)
            #expect(try database.first("PRAGMA synchronous") { $0.integer(0) } == Int64(number))
        }
    }
}
