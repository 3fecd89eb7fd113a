import JobQueue
import TestSupport
import Testing

@Suite("Since when a job waits")
struct DueTimeTests {
    private static let longAgo = #""enqueued_at":1000"#

    @Test(
        "a delayed job waits since it was due, not since it was enqueued",
        arguments: BrokerKind.allCases)
    func delayed(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let due = try await stand.now() - 5000
            try await stand.schedule(
                [(Array(record(1, Self.longAgo).utf8), Double(due))], in: .default)
            #expect(try await broker.promoteDue(in: .default).moved == 1)
            #expect(try await broker.stats(of: .default).oldestPendingAt == due)
            let claim = try await broker.claimOne()
            #expect(try read(claim.envelope).pendingSince == due)
            #expect(try read(claim.envelope).enqueuedAt == 1000)
            // Its retry waits since that is due.
            _ = try await broker.finish([
                claim.finish(.retry(after: .zero, envelope: claim.envelope))
            ])
            let before = try await stand.now() - 1
            await eventually { try await broker.promoteDue(in: .default).moved == 1 }
            let since = try #require(try await broker.stats(of: .default).oldestPendingAt)
            #expect(since >= before - 1000 && since > due)
        }
    }

    @Test("a dead job that is requeued waits since then", arguments: BrokerKind.allCases)
    func requeued(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([record(1, #""id":"d","# + Self.longAgo)])
            _ = try await broker.finish([try await broker.claimOne().finish(.deadLetter)])
            #expect(try await broker.requeue(.all(type: nil)).count == 1)
            let since = try #require(try await broker.stats(of: .default).oldestPendingAt)
            #expect(abs(since - (try await stand.now())) < 60_000)
        }
    }

    @Test("a job that was taken back waits since then", arguments: BrokerKind.allCases)
    func recovered(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let lost = try await stand.daemon()
            try await stand.push([record(1, Self.longAgo)])
            let claim = try await lost.broker.claimOne()
            await lost.crash()
            try await stand.endLease(of: claim.token.worker.description, in: .default)
            let broker = try await stand.daemon().broker
            _ = try await recoverOne(broker)
            let since = try #require(try await broker.stats(of: .default).oldestPendingAt)
            #expect(abs(since - (try await stand.now())) < 60_000)
        }
    }
}

@Suite("Records that are too large for a job")
struct LargeRecordTests {
    private static let large = [UInt8](repeating: UInt8(ascii: "x"), count: 5 << 20)

    @Test(
        "a claim brings the beginning and the size, and the jobs behind it",
        arguments: BrokerKind.allCases)
    func claimed(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon(lease: .seconds(100)).broker
            try await stand.push([Self.large, Array(record(1).utf8)], to: .default)
            let claims = try await broker.claimAll()
            #expect(claims.count == 2)
            #expect(claims[0].all?.size == Self.large.count)
            #expect(claims[0].envelope == Array(Self.large.prefix(Claim.beginning)))
            #expect(claims[1].all == nil)
            #expect(try await broker.finish(claims.map { $0.finish(.ack) }) == [true, true])
        }
    }

    @Test(
        "looking for others passes over it, and a list has its beginning",
        arguments: BrokerKind.allCases)
    func looked(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon(lease: .seconds(100)).broker
            try await stand.push(
                [Self.large, Array(record(1, #""id":"a""#).utf8)], to: .default)
            #expect(try await broker.find(id("a")).count == 1)
            let page = try await broker.exportJobs(behind: nil, bytes: 1 << 20)
            #expect(page.records.first?.wholeSize == Self.large.count)
            #expect(try await broker.delete(.ids([id("a")])).count == 1)
        }
    }

    @Test("many of a megabyte are listed without holding them all", arguments: BrokerKind.allCases)
    func listed(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon(lease: .seconds(100)).broker
            try await stand.push(
                (1...12).map { Array(largeRecord($0, kilobytes: 1000).utf8) }, to: .default)
            for _ in 1...12 {
                _ = try await broker.finish([try await broker.claimOne().finish(.deadLetter)])
            }
            let records = try await broker.dead(in: nil, limit: 100)
            #expect(records.count == 12)
            #expect(records.reduce(0) { $0 + $1.envelope.count } < 4 << 20)
            #expect(records.count { $0.leftOutBytes > 0 } >= 8)
        }
    }
}
