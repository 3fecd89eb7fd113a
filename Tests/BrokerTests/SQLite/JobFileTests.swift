import EventLoop
import Glibc
import JobDaemon
import JobQueue
import SQLite
import TestSupport
import Testing

@testable import SQLiteBroker

@Suite("A file of jobs")
struct JobFileTests {
    private func openStore(_ path: String, _ loop: EventLoop) async throws -> JobStore {
        try await JobStore.open(
            .file(path: path), options: JobStoreOptions(clock: LoopClock(loop: loop)))
    }

    /// Why a file cannot be opened.
    private func problem(_ path: String) async throws -> JobFileError {
        try await withEventLoop { loop in
            try await #require(throws: JobFileError.self) { _ = try await openStore(path, loop) }
        }
    }

    @Test("keeps its jobs, its pauses and its counts over a restart")
    func kept() async throws {
        try await withSQLite { stand in
            let broker = try await stand.daemon().broker
            _ = try await broker.enqueue([
                job(1), job(2) { $0.id = try id("own") }, job(3) { $0.uniqueKey = "k" },
                job(4) { $0.start = .after(.seconds(60)) }, job(5),
            ])
            let claims = try await broker.claim(2, from: .default).claims
            _ = try await broker.finish([claims[0].finish(.ack), claims[1].finish(.deadLetter)])
            try await broker.pause([.default])
            let before = try await broker.stats()
            try await stand.reopened { again in
                let broker = try await again.daemon().broker
                #expect(try await broker.stats() == before)
                #expect(try await numbers(again.records(.pending, in: .default)) == [3, 5])
                #expect(try await broker.claim(1, from: .default).rest == .paused)
                #expect(
                    try await broker.enqueue([job(2) { $0.id = try id("own") }])
                        == [.known(id("own"))])
                #expect(
                    try await broker.enqueue([job(3) { $0.uniqueKey = "k" }])
                        != [.enqueued(id("own"))])
                #expect(try await broker.stats() == before)
            }
        }
    }

    @Test("what an earlier process held is taken back at once, whatever its lease was")
    func formerWorkers() async throws {
        try await withSQLite { stand in
            let mail = try queue("mail")
            let former = try await stand.daemon([.default, mail], lease: .seconds(1000)).broker
            try await stand.push(records(1...3))
            try await stand.push(records(4...4), to: mail)
            let held = try await former.claim(2, from: .default).claims
            _ = try await former.claimAll(from: mail)
            try await stand.reopened { again in
                let broker = try await again.daemon([.default, mail], lease: .seconds(1000)).broker
                let recoveries = try await broker.recover(in: .default).recoveries
                #expect(
                    recoveries == [
                        Recovery(
                            worker: held[0].token.worker.description, queue: .default, jobs: 2)
                    ])
                #expect(try await broker.recover(in: mail).recoveries.map(\.jobs) == [1])
                #expect(try await numbers(again.records(.pending, in: .default)) == [1, 2, 3])
                #expect(try await broker.recover(in: .default).recoveries.isEmpty)
                #expect(try await broker.workers().count == 1)
                // Its outcome would come too late.
                #expect(try await broker.finish([held[0].finish(.ack)]) == [false])
            }
        }
    }

    @Test("is worked on by one daemon: another one is refused, by whatever path it comes")
    func oneDaemon() async throws {
        try await withEventLoop { loop in
            let directory = try TemporaryDirectory()
            let path = directory.file("jobs")
            let store = try await openStore(path, loop)
            let link = directory.file("link")
            #expect(symlink(path, link) == 0)
            for other in [path, link, "\(directory.path)/./jobs"] {
                let error = try await #require(throws: JobFileError.self) {
                    _ = try await openStore(other, loop)
                }
                #expect(error.problem == .inUse(processID: getpid()))
                #expect(error.isAboutPlace)
                #expect(error.description.contains("pid \(getpid())"))
            }
            await store.close()
            let next = try await openStore(link, loop)
            await next.close()
        }
    }

    @Test("leaves nothing but itself and its lock when it is closed")
    func closed() async throws {
        try await withSQLite { stand in
            _ = try await stand.client().enqueue([job()])
            await stand.close()
            // The test's own connection is the last one.
            try stand.raw?.use { database in
                try database.execute(script: "PRAGMA wal_checkpoint(TRUNCATE)")
                #expect(
                    try database.first("SELECT count(*) FROM job") { $0.integer(0) } == 1)
            }
            await #expect(throws: BrokerError.self) {
                _ = try await stand.client().enqueue([job()])
            }
        }
    }

    @Test("a file that is no database is refused and left alone")
    func noDatabase() async throws {
        let directory = try TemporaryDirectory()
        let text = String(repeating: "something else\n", count: 100)
        let path = try directory.write(text, to: "jobs")
        let error = try await problem(path)
        #expect(error.problem == .notADatabase)
        #expect(!error.isAboutPlace)
        #expect(try directory.read("jobs") == text)
    }

    @Test("another program's database is refused and left alone")
    func foreign() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("jobs")
        for script in [
            "CREATE TABLE mine(a)", "DROP TABLE mine; PRAGMA application_id = 7",
            "PRAGMA application_id = 0; PRAGMA user_version = 1",
        ] {
            do {
                var database = try Database(.file(path), busyTimeout: .zero)
                try database.execute(script: script)
            }
            #expect(try await problem(path).problem == .foreign)
            var database = try Database(.file(path), busyTimeout: .zero)
            #expect(try database.first("PRAGMA journal_mode") { $0.text(0) } == "delete")
        }
    }

    @Test("one of a newer version is refused, with both versions named")
    func newer() async throws {
        try await withSQLite { stand in
            await stand.close()
            try stand.raw?.use { try $0.execute(script: "PRAGMA user_version = 99") }
            let error = try await problem(stand.path)
            #expect(error.problem == .newerSchema(found: 99, known: Int64(Schema.steps.count)))
            #expect(error.description.contains("version 99"))
            #expect(!error.isAboutPlace)
        }
    }

    @Test("a directory that is not there, or a path that is a directory, is told")
    func unusable() async throws {
        let directory = try TemporaryDirectory()
        for path in [directory.file("missing/jobs"), directory.path] {
            let error = try await problem(path)
            #expect(error.isAboutPlace)
            #expect(error.description.contains(path))
        }
    }

    @Test("an older version is brought up to date, step by step, or not at all")
    func migration() throws {
        let steps = [
            "CREATE TABLE one(a)", "ALTER TABLE one ADD COLUMN b; CREATE TABLE two(a)",
            "CREATE TABLE three(a); CREATE TABLE one(a)",
        ].map { Array($0.utf8) }
        func tables(_ database: inout Database) throws -> Int64? {
            try database.first("SELECT count(*) FROM sqlite_schema") { $0.integer(0) }
        }
        var database = try Database(.memory, busyTimeout: .zero)
        try Schema.prepare(&database, path: "jobs", steps: Array(steps.prefix(1)))
        #expect(try database.userVersion() == 1)
        #expect(try database.applicationID() == Schema.applicationID)
        try Schema.prepare(&database, path: "jobs", steps: Array(steps.prefix(2)))
        #expect(try database.userVersion() == 2)
        #expect(try tables(&database) == 2)
        try Schema.prepare(&database, path: "jobs", steps: Array(steps.prefix(2)))
        // The third step fails in its middle.
        #expect(throws: JobFileError.self) {
            try Schema.prepare(&database, path: "jobs", steps: steps)
        }
        #expect(try database.userVersion() == 2)
        #expect(try tables(&database) == 2)
    }
}
