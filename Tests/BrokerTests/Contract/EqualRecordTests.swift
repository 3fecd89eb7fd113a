import JobQueue
import TestSupport
import Testing

/// A producer that sends the same bytes twice has sent two jobs.
@Suite("Jobs whose records are equal")
struct EqualRecordTests {
    @Test("stay as many when they end alike", arguments: BrokerKind.allCases, OutcomeKind.allCases)
    func stay(kind: BrokerKind, outcome: OutcomeKind) async throws {
        guard outcome != .ack else { return }
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let equal = record(7, #""id":"daily""#)
            try await stand.push(Array(repeating: equal, count: 5))
            let claims = try await broker.claimAll()
            #expect(claims.count == 5)
            // In one batch, and one after the other.
            var written = try await broker.finish(claims.prefix(3).map { $0.finish(outcome) })
            for claim in claims.dropFirst(3) {
                written += try await broker.finish([claim.finish(outcome)])
            }
            #expect(written == [true, true, true, true, true])
            let stats = try await broker.stats(of: .default)
            #expect(stats.pending + stats.scheduled + stats.dead == 5)
            #expect(stats.totals.dead == stats.dead)
            for state in [JobState.pending, .scheduled, .dead] {
                for bytes in try await stand.records(state, in: .default) {
                    #expect(try read(bytes).id == id("daily"))
                    #expect(try numbers([bytes]) == [7])
                }
            }
        }
    }

    @Test("do not take the place of one that waits already", arguments: BrokerKind.allCases)
    func waits(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let equal = record(7, #""id":"daily""#)
            let later = Double(try await stand.now() + 3_600_000)
            try await stand.schedule([(Array(equal.utf8), later)], in: .default)
            try await stand.push([equal])
            let claim = try await broker.claimOne()
            let retry = Outcome.retry(after: .zero, envelope: claim.envelope)
            #expect(try await broker.finish([claim.finish(retry)]) == [true])
            #expect(try await broker.promoteDue(in: .default).moved == 1)
            #expect(try await broker.claimAll().count == 1)
            #expect(try await stand.texts(.scheduled) == [equal])
        }
    }

    @Test(
        "are not doubled by an outcome that is sent again", arguments: BrokerKind.allCases,
        [OutcomeKind.retry, .deadLetter])
    func sentAgain(kind: BrokerKind, outcome: OutcomeKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let equal = record(7, #""id":"daily""#)
            try await stand.push([equal, equal])
            let claims = try await broker.claimAll()
            #expect(try await broker.finish(claims.map { $0.finish(outcome) }) == [true, true])
            var again = claims.map { $0.finish(outcome) }
            for index in again.indices { again[index].isReplay = true }
            #expect(try await broker.finish(again) == [false, false])
            let stats = try await broker.stats(of: .default)
            #expect(stats.scheduled + stats.dead == 2)
        }
    }
}
