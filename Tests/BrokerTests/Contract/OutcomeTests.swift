import JobQueue
import TestSupport
import Testing

@Suite("What follows an attempt")
struct OutcomeTests {
    @Test("an acked job is gone, and counted", arguments: BrokerKind.allCases)
    func ack(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...3))
            let claims = try await broker.claimAll()
            #expect(try await broker.finish(claims.map { $0.finish(.ack) }) == [true, true, true])
            for state in JobState.allCases {
                #expect(try await stand.records(state, in: .default).isEmpty)
            }
            #expect(try await broker.stats(of: .default).totals.done == 3)
        }
    }

    @Test("a retry is due so much later by the broker's clock", arguments: BrokerKind.allCases)
    func retry(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([record(1, #""id":"r""#)])
            let claim = try await broker.claimOne()
            let changed = try read(claim.envelope).updated(
                EnvelopeChanges(attempts: 1, lastError: "no luck"))
            let before = try await stand.now()
            let finish = claim.finish(.retry(after: .milliseconds(90_500), envelope: changed))
            #expect(try await broker.finish([finish]) == [true])
            let after = try await stand.now()

            let found = try #require(try await broker.find(id("r")).first)
            #expect(found.state == .scheduled)
            #expect(found.envelope == changed)
            #expect((before + 90_500...after + 90_500).contains(try #require(found.time)))
            #expect(try await broker.stats(of: .default).totals.retried == 1)
        }
    }

    @Test(
        "a retry after no time, or a negative one, is due at once", arguments: BrokerKind.allCases)
    func retryNow(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...2))
            let claims = try await broker.claimAll()
            let delays: [Duration] = [.zero, .seconds(-5)]
            _ = try await broker.finish(
                zip(claims, delays).map { $0.finish(.retry(after: $1, envelope: $0.envelope)) })
            #expect(try await broker.promoteDue(in: .default).moved == 2)
        }
    }

    @Test("a dead letter is kept with the time of its death", arguments: BrokerKind.allCases)
    func deadLetter(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([record(1)])
            let claim = try await broker.claimOne()
            let before = try await stand.now()
            #expect(try await broker.finish([claim.finish(.deadLetter)]) == [true])
            let after = try await stand.now()
            let dead = try await broker.dead(in: .default, limit: 10)
            #expect(dead.map(\.envelope) == [claim.envelope])
            #expect((before...after).contains(try #require(dead.first?.time)))
            #expect(try await broker.stats(of: .default).totals.dead == 1)
        }
    }

    @Test(
        "released jobs go back to the head in their old order, whatever order they are given in",
        arguments: BrokerKind.allCases)
    func release(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let texts = (1...6).map { record($0, #""attempts":\#($0)"#) }
            try await stand.push(texts)
            let claims = try await broker.claim(4, from: .default).claims
            let finishes = [2, 0, 3, 1].map { claims[$0].finish(.release) }
            #expect(try await broker.finish(finishes) == [true, true, true, true])
            #expect(try await stand.texts(.pending) == texts)
            let totals = try await broker.stats(of: .default).totals
            #expect(totals == QueueStats.Totals())
        }
    }

    @Test("an empty batch is written at once", arguments: BrokerKind.allCases)
    func nothing(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let written = try await stand.daemon().broker.finish([])
            #expect(written == [])
        }
    }

    @Test(
        "a batch of any size and mixture is written, each job to its place",
        arguments: BrokerKind.allCases)
    func batch(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let mail = try queue("mail")
            let broker = try await stand.daemon([.default, mail]).broker
            try await stand.push(records(1...1200), to: .default)
            try await stand.push(records(1201...1400), to: mail)
            let claims = try await broker.claimAll() + broker.claimAll(from: mail)
            let finishes = claims.enumerated().map { index, claim -> Finish in
                let outcome = OutcomeKind.allCases[index % OutcomeKind.allCases.count].outcome(
                    claim.envelope)
                if index % 7 != 0 { return claim.finish(outcome) }
                // One that was written before, as it is sent after a cut.
                let token = LeaseToken(
                    worker: claim.token.worker, queue: claim.token.queue,
                    number: claim.token.number + 1_000_000)
                var replay = Finish(token: token, outcome: outcome)
                replay.isReplay = true
                return replay
            }
            let written = try await broker.finish(finishes)
            #expect(written == claims.indices.map { $0 % 7 != 0 ? .written : .refused })

            for (queue, range) in [(QueueName.default, 0..<1200), (mail, 1200..<1400)] {
                func expected(_ kinds: OutcomeKind...) -> [Int] {
                    range.filter {
                        let kind = OutcomeKind.allCases[$0 % OutcomeKind.allCases.count]
                        return $0 % 7 != 0 && kinds.contains(kind)
                    }
                    .map { $0 + 1 }
                }
                #expect(
                    try await numbers(stand.records(.active, in: queue))
                        == range.filter { $0 % 7 == 0 }.map { $0 + 1 })
                #expect(
                    try await numbers(stand.records(.scheduled, in: queue)).sorted()
                        == expected(.retry))
                #expect(
                    try await numbers(stand.records(.dead, in: queue)).sorted()
                        == expected(.deadLetter))
                #expect(
                    try await numbers(stand.records(.pending, in: queue)).sorted()
                        == expected(.release, .putBack))
                #expect(
                    try await numbers(stand.aside(anyType, in: queue)) == expected(.aside))
                let totals = try await broker.stats(of: queue).totals
                #expect(totals.done == expected(.ack).count)
                #expect(totals.retried == expected(.retry).count)
            }
        }
    }

    @Test("thousands of acks are one batch, too", arguments: BrokerKind.allCases)
    func manyAcks(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...2300))
            let claims = try await broker.claimAll()
            let written = try await broker.finish(claims.map { $0.finish(.ack) })
            #expect(written == Array(repeating: true, count: 2300))
            #expect(try await broker.stats(of: .default).active == 0)
            #expect(try await broker.stats(of: .default).totals.done == 2300)
        }
    }

    @Test(
        "more released jobs than fit into one piece keep their order, too",
        arguments: BrokerKind.allCases)
    func manyReleases(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...1300))
            let claims = try await broker.claimAll()
            let written = try await broker.finish(claims.map { $0.finish(.release) })
            #expect(written == Array(repeating: true, count: 1300))
            #expect(try await numbers(stand.records(.pending, in: .default)) == Array(1...1300))
        }
    }

    @Test("large records are written in several pieces, in order", arguments: BrokerKind.allCases)
    func largeReleases(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push((1...12).map { largeRecord($0, kilobytes: 1000) })
            let claims = try await broker.claimAll()
            let written = try await broker.finish(claims.map { $0.finish(.release) })
            #expect(written == Array(repeating: true, count: 12))
            #expect(try await numbers(stand.records(.pending, in: .default)) == Array(1...12))
        }
    }
}
