import JobQueue
import LinuxSystem
import SQLite
import TestSupport
import Testing

@testable import SQLiteBroker

@Suite("Callers that come at the same time share one wait for the disk")
struct GroupCommitTests {
    /// Runs tasks whose requests are all there, in their order, before the file's thread looks at the
    /// first of them.
    private func together<Value: Sendable>(
        _ stand: SQLiteUnderTest, _ bodies: [@Sendable () async throws -> Value]
    ) async throws -> [Result<Value, any Error>] {
        let isHeld = Bell()
        let release = try WakeUp()
        return await withTaskGroup(of: (Int, Result<Value, any Error>)?.self) { group in
            group.addTask {
                try? await stand.store.perform(.look) { _ in
                    isHeld.ring()
                    release.wait()
                }
                return nil
            }
            await isHeld.wait()
            for (index, body) in bodies.enumerated() {
                group.addTask {
                    do {
                        return (index, .success(try await body()))
                    } catch {
                        return (index, .failure(error))
                    }
                }
                await eventually(equals: index + 1, "it has asked") { stand.store.waitingRequests }
            }
            release.signal()
            var results: [(Int, Result<Value, any Error>)] = []
            for await case let result? in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func together<Value: Sendable>(
        _ stand: SQLiteUnderTest, _ bodies: (@Sendable () async throws -> Value)...
    ) async throws -> [Result<Value, any Error>] {
        try await together(stand, bodies)
    }

    @Test("a hundred enqueues that wait for a commit are the next one")
    func shared() async throws {
        try await withSQLite { stand in
            let broker = try await stand.daemon().broker
            _ = try await broker.enqueue([job()])
            let before = try WriteAheadLog(of: stand.path).commits
            let results = try await together(
                stand, (1...100).map { number in { try await broker.enqueue([job(number)]) } })
            #expect(Set(try results.flatMap { try $0.get().map(\.id) }).count == 100)
            let after = try WriteAheadLog(of: stand.path).commits
            #expect(after == before + 1)
            #expect(try await stand.records(.pending, in: .default).count == 101)
        }
    }

    @Test("claims, outcomes and enqueues go together, in the order in which they came")
    func mixed() async throws {
        try await withSQLite { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...3))
            let claim = try await broker.claimOne()
            let before = try WriteAheadLog(of: stand.path).commits
            let results = try await together(
                stand,
                { try await broker.enqueue([job(4)]).count },
                { try await broker.finish([claim.finish(.release)]).count { $0 == .written } },
                { try await broker.claim(9, from: .default).claims.count },
                { try await broker.stats(of: .default).active },
                { try await broker.claim(9, from: .default).claims.count })
            #expect(try results.map { try $0.get() } == [1, 1, 4, 4, 0])
            let after = try WriteAheadLog(of: stand.path).commits
            #expect(after == before + 1)
        }
    }

    @Test("a refusal is that of one; the others are not even undone")
    func refusal() async throws {
        try await withSQLite { stand in
            let broker = try await stand.daemon().broker
            let stranger = try await stand.client()
            try await stand.push(records(1...2))
            let before = try WriteAheadLog(of: stand.path).commits
            let results = try await together(
                stand,
                { try await broker.claim(1, from: .default).claims.count },
                { try await stranger.claim(1, from: .default).claims.count },
                { try await broker.claim(1, from: .default).claims.count })
            #expect(try results[0].get() == 1)
            #expect(throws: BrokerError.self) { try results[1].get() }
            #expect(try results[2].get() == 1)
            let after = try WriteAheadLog(of: stand.path).commits
            #expect(after == before + 1)
        }
    }

    @Test("an error in the middle of one undoes that one; the others are carried out without it")
    func failure() async throws {
        try await withSQLite { stand in
            let broker = try await stand.daemon().broker
            let results = try await together(
                stand,
                { try await broker.enqueue([job(1)]).count },
                {
                    try await stand.store.perform(.promise) { file in
                        let result = try file.enqueue([
                            EncodedJob(
                                id: id("a"), remember: .seconds(60), queue: .default,
                                uniqueKey: nil,
                                start: nil, envelope: [1])
                        ])
                        try file.database.run("INSERT INTO job (queue) VALUES (NULL)")
                        return result.count
                    }
                },
                { try await broker.enqueue([job(2)]).count })
            #expect(try results[0].get() == 1)
            let error = #expect(throws: BrokerError.self) { try results[1].get() }
            #expect(error?.description.contains("NOT NULL constraint failed") == true)
            #expect(try results[2].get() == 1)
            #expect(try await numbers(stand.records(.pending, in: .default)) == [1, 2])
            #expect(try await broker.stats(of: .default).pending == 2)
        }
    }

    @Test(
        "only what is promised waits for the disk, and with normal durability nothing does",
        arguments: Durability.allCases)
    func durability(_ durability: Durability) async throws {
        try await withSQLite({ $0.durability = durability }) { stand in
            let broker = try await stand.daemon().broker
            func synchronous() async throws -> Int64? {
                try await stand.store.perform(.look) { file in
                    try file.database.first("PRAGMA synchronous") { $0.integer(0) }
                }
            }
            let (full, normal): (Int64, Int64) = (durability == .full ? 2 : 1, 1)
            _ = try await broker.enqueue([job()])
            #expect(try await synchronous() == full)
            let claim = try await broker.claimOne()
            #expect(try await synchronous() == normal)
            _ = try await broker.finish([claim.finish(.ack)])
            #expect(try await synchronous() == full)
            _ = try await broker.claim(1, from: .default)
            #expect(try await synchronous() == normal)
            try await broker.pause([.default])
            #expect(try await synchronous() == full)
        }
    }
}
