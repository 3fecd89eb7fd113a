import JobQueue
import TestSupport
import Testing

@testable import SQLiteBroker

@Suite("A file that cannot grow")
struct FullFileTests {
    @Test("refuses what is new, loses nothing, and goes on when there is room")
    func full() async throws {
        try await withSQLite { stand in
            let broker = try await stand.daemon().broker
            try await limit(stand, "PRAGMA max_page_count = 200")
            var taken = 0
            do {
                while taken < 10_000 {
                    _ = try await broker.enqueue([
                        job(taken + 1) {
                            $0.headers = ["filling": String(repeating: "x", count: 9_000)]
                        }
                    ])
                    taken += 1
                }
                Issue.record("it is never full")
            } catch {
                guard case BrokerError.refused(let reason) = error else { throw error }
                #expect(reason.contains("make room"))
            }
            #expect(taken > 10)
            #expect(try await broker.stats(of: .default).pending == taken)
            try await limit(stand, "PRAGMA max_page_count = 1000000")
            let claims = try await broker.claim(5, from: .default).claims
            #expect(
                try await broker.finish(claims.map { $0.finish(.ack) }).allSatisfy {
                    $0 == .written
                })
            _ = try await broker.enqueue([job(taken + 1)])
            #expect(
                try await numbers(stand.records(.pending, in: .default))
                    == Array(6...taken + 1))
        }
    }

    private func limit(_ stand: SQLiteUnderTest, _ script: String) async throws {
        try await stand.store.perform(.look) { file in
            try file.database.execute(script: script)
        }
    }
}
