import Glibc
import JobQueue
import SQLite
import TestSupport
import Testing

@testable import SQLiteBroker

@Suite("Other processes that use the file")
struct OtherProcessTests {
    /// What a producer in another language does.
    private func python(_ path: String, _ statement: String) async throws -> ChildProcess.ExitStatus
    {
        let program = """
            import sqlite3, sys
            database = sqlite3.connect(sys.argv[1], timeout=20)
            database.execute(sys.argv[2])
            database.commit()
            """
        let child = try ChildProcess("/usr/bin/python3", ["-c", program, path, statement])
        return try await child.waitForEndOfOutput(within: .seconds(30))
    }

    @Test("a producer's plain INSERT is a job that wakes who waits, and that is counted")
    func insert() async throws {
        try await withSQLite { stand in
            let broker = try await stand.daemon().broker
            #expect(try await broker.claim(1, from: .default).rest == .empty)
            async let wait: Void = broker.waitForWork(in: .default)
            let status = try await python(
                stand.path,
                #"INSERT INTO enqueue(envelope) VALUES ('{"type":"test","payload":7}')"#)
            #expect(status == .exited(0))
            try await wait
            let claim = try await broker.claimOne()
            #expect(try numbers([claim.envelope]) == [7])
            #expect(try await broker.finish([claim.finish(.ack)]) == [true])
            #expect(try await broker.stats(of: .default).totals.done == 1)
        }
    }

    @Test("found within 100 ms, where the machine lets the daemon run at all")
    func latency() async throws {
        try await withSQLite { stand in
            let broker = try await stand.daemon().broker
            await eventually("one of many is found within 100 ms", within: .seconds(30)) {
                async let wait: Void = broker.waitForWork(in: .default)
                try await stand.push(records(1...1))
                let inserted = stand.clock.now
                try await wait
                let time = stand.clock.now.since(inserted)
                _ = try await broker.claimAll()
                return time < .milliseconds(100)
            }
        }
    }

    @Test("a producer may name a queue, which is known from then on, and a time")
    func queueAndTime() async throws {
        try await withSQLite { stand in
            let mail = try queue("mail")
            let broker = try await stand.daemon([mail]).broker
            #expect(
                try await python(
                    stand.path,
                    "INSERT INTO enqueue(envelope, queue, run_at) "
                        + #"VALUES ('{"type":"test","payload":1}', 'mail', 5), "#
                        + #"('{"type":"test","payload":2}', 'mail', NULL), "#
                        + #"('{"type":"test","payload":3}', 'new', 99999999999999)"#)
                    == .exited(0))
            let stats = try await broker.stats().queues
            #expect(stats.map(\.queue.description) == ["mail", "new"])
            #expect(stats.map(\.pending) == [1, 0])
            #expect(stats.map(\.scheduled) == [1, 1])
            #expect(try await broker.promoteDue(in: mail).moved == 1)
            #expect(try await numbers(broker.claimAll(from: mail).map(\.envelope)) == [2, 1])
        }
    }

    @Test(
        "a name that no queue can have, or no envelope at all, is refused with the reason",
        arguments: [
            "'A'", "''", "'.a'", "'a b'", "'a' || char(0)", "'ä'", "printf('%065d', 0)", "x'ff'",
        ])
    func badQueue(name: String) async throws {
        try await withSQLite { stand in
            let insert = "INSERT INTO enqueue(envelope, queue) VALUES ('{}', \(name))"
            let error = #expect(throws: SQLiteError.self) {
                try stand.raw?.use { try $0.execute(script: insert) }
            }
            #expect(error?.reason.contains("queue must be") == true)
            let missing = #expect(throws: SQLiteError.self) {
                try stand.raw?.use {
                    try $0.execute(script: "INSERT OR REPLACE INTO enqueue(queue) VALUES ('a')")
                }
            }
            #expect(missing?.reason.contains("the envelope is missing") == true)
            let client = try await stand.client()
            #expect(try await client.stats().queues.isEmpty)
        }
    }

    @Test("whatever is inserted as an envelope comes to the worker byte for byte")
    func anyEnvelope() async throws {
        try await withSQLite { stand in
            let broker = try await stand.daemon().broker
            try stand.raw?.use {
                try $0.execute(
                    script: """
                        INSERT INTO enqueue(envelope)
                        VALUES (7), (1.5), (x'00ff'), (''), ('ä'), (x'');
                        """)
            }
            let expected: [[UInt8]] = [
                Array("7".utf8), Array("1.5".utf8), [0, 255], [], Array("ä".utf8), [],
            ]
            #expect(try await broker.claimAll().map(\.envelope) == expected)
        }
    }

    @Test(
        "one that keeps the file locked: who enqueues is told, who claims and finishes waits")
    func lockedOut() async throws {
        let changes = Watched<[ConnectionChange]>([])
        try await withSQLite({
            $0.busyTimeout = .milliseconds(50)
            $0.changed = { change in changes.update { $0.append(change) } }
        }) { stand in
            let broker = try await stand.daemon(lease: .seconds(1000)).broker
            try await stand.push(records(1...2))
            let claim = try await broker.claimOne()
            let raw = try #require(stand.raw)
            try raw.use { try $0.begin() }
            do {
                _ = try await broker.enqueue([job()])
                Issue.record("it was taken in")
            } catch {
                guard case BrokerError.unreachable = error else { throw error }
                #expect("\(error)".contains(stand.path))
                #expect("\(error)".contains("another process"))
            }
            // What only looks, and the lease, do not need it.
            try await broker.heartbeat()
            #expect(try await broker.stats(of: .default).active == 1)
            async let finished = broker.finish([claim.finish(.ack)])
            async let claimed = broker.claim(1, from: .default)
            #expect(await changes.wait(within: .seconds(10)) { !$0.isEmpty } != nil)
            try raw.use { try $0.rollback() }
            #expect(try await finished == [true])
            #expect(try await claimed.claims.count == 1)
            #expect(changes.value.count == 2)
            guard case .down(let reason) = changes.value.first else {
                Issue.record("\(changes.value)")
                return
            }
            #expect(reason.contains("another process"))
            #expect(changes.value.last == .up(warnings: []))
        }
    }

    @Test("one that reads for long holds nobody up, and the log it made grow is given back")
    func longReader() async throws {
        try await withSQLite { stand in
            let broker = try await stand.daemon().broker
            _ = try await broker.enqueue([job()])
            let raw = try #require(stand.raw)
            try raw.use { database in
                try database.execute(script: "BEGIN; SELECT * FROM job")
            }
            let filling = String(repeating: "x", count: 100_000)
            for _ in 1...50 {
                _ = try await broker.enqueue(
                    (1...10).map { number in
                        try job(number) { $0.headers = ["filling": String(filling.prefix(60_000))] }
                    })
                _ = try await broker.finish(broker.claimAll().map { $0.finish(.ack) })
            }
            #expect(try await broker.stats(of: .default).totals.done == 501)
            let large = try size(of: stand.path + "-wal")
            #expect(large > 34 << 20)
            try raw.use { database in
                #expect(try database.first("SELECT count(*) FROM job") { $0.integer(0) } == 1)
                try database.rollback()
            }
            await eventually("the log is short again") {
                _ = try await broker.enqueue([job()])
                return try size(of: stand.path + "-wal") <= 33 << 20
            }
        }
    }

    private func size(of path: String) throws -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { throw TestSupportError("no \(path)") }
        return Int(status.st_size)
    }
}
