import JobQueue
import SQLite
import TestSupport
import Testing

@testable import SQLiteBroker

@Suite("What a file remembers for a while only")
struct ForgettingTests {
    @Test("is forgotten as fast as it comes, however much there is")
    func keepsUp() async throws {
        try await withSQLite { stand in
            let broker = try await stand.daemon().broker
            let count = 3 * Slice.count
            _ = try await broker.enqueue(
                (0..<count).map { number in
                    try job(number) { $0.id = try id("job-\(number)") }
                })
            let finishes = try await broker.claimAll().map { claim in
                Finish(
                    token: claim.token, outcome: .ack,
                    receipt: KeptReceipt(
                        id: try claim.jobID, record: [], lifetime: .milliseconds(1)))
            }
            _ = try await broker.finish(finishes)
            stand.clock.advance(by: .seconds(2 * 24 * 3600))
            var rounds = 0
            while try await broker.promoteDue(in: .default).nextDue == .zero, rounds < 100 {
                rounds += 1
            }
            #expect(rounds > 0, "it is not all done in one transaction")
            let left = try await stand.store.perform(.look) { file in
                try file.database.first(
                    "SELECT (SELECT count(*) FROM receipt) + (SELECT count(*) FROM remembered)"
                ) { $0.integer(0) }
            }
            #expect(left == 0)
        }
    }
}
