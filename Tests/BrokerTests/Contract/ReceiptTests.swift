import JobQueue
import TestSupport
import Testing

@Suite("What is kept of a job's end")
struct ReceiptTests {
    private func finish(
        _ claim: Claim, _ kind: OutcomeKind, _ text: String, for lifetime: Duration = .seconds(60)
    ) throws -> Finish {
        Finish(
            token: claim.token, outcome: kind.outcome(claim.envelope),
            receipt: KeptReceipt(
                id: try claim.jobID, record: Array(text.utf8), lifetime: lifetime))
    }

    private func receipt(_ broker: any Broker, _ name: String) async throws -> String? {
        try await broker.receipt(of: id(name), in: .default).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test(
        "it is found by the job's id, of a job that is done and of one that is dead",
        arguments: BrokerKind.allCases)
    func found(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([
                record(1, #""id":"good""#), record(2, #""id":"bad""#), record(3, #""id":"plain""#),
            ])
            let claims = try await broker.claimAll()
            #expect(
                try await broker.finish([
                    finish(claims[0], .ack, "well \0 done"), finish(claims[1], .deadLetter, "dead"),
                    claims[2].finish(.ack),
                ]) == [true, true, true])
            #expect(try await receipt(broker, "good") == "well \0 done")
            #expect(try await receipt(broker, "bad") == "dead")
            #expect(try await receipt(broker, "plain") == nil)
            #expect(try await receipt(broker, "nobody") == nil)
            #expect(try await broker.receipt(of: id("good"), in: queue("other")) == nil)
            // The job itself is where it would be without.
            #expect(try await broker.find(id("good")).isEmpty)
            #expect(try await broker.find(id("bad")).map(\.state) == [.dead])
            #expect(try await broker.stats(of: .default).totals.done == 2)
        }
    }

    @Test("it is gone when its time is over", arguments: BrokerKind.allCases)
    func outlived(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([record(1, #""id":"a""#)])
            let claim = try await broker.claimOne()
            _ = try await broker.finish([finish(claim, .ack, "x", for: .milliseconds(1))])
            await eventually("it is forgotten") { try await receipt(broker, "a") == nil }
            // What is left of it goes with the upkeep.
            _ = try await broker.promoteDue(in: .default)
        }
    }

    @Test("an outcome that is refused leaves none", arguments: BrokerKind.allCases)
    func fence(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([record(1, #""id":"a""#)])
            let claim = try await broker.claimOne()
            #expect(try await broker.finish([finish(claim, .ack, "first")]) == [true])
            var late = try finish(claim, .deadLetter, "second")
            late.isReplay = true
            #expect(try await broker.finish([late]) == [false])
            #expect(try await receipt(broker, "a") == "first")
        }
    }

    @Test("the last end counts", arguments: BrokerKind.allCases)
    func last(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([record(1, #""id":"a""#)])
            let first = try await broker.claimOne()
            _ = try await broker.finish([finish(first, .deadLetter, "dead")])
            _ = try await broker.requeue(.ids([id("a")]))
            let second = try await broker.claimOne()
            _ = try await broker.finish([finish(second, .ack, "done")])
            #expect(try await receipt(broker, "a") == "done")
        }
    }
}
