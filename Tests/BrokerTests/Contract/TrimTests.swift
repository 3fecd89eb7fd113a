import JobQueue
import TestSupport
import Testing

@Suite("Dropping dead letters")
struct TrimTests {
    /// Jobs that died one after the other, the first one first.
    private func die(
        _ numbers: ClosedRange<Int>, _ stand: any BrokerUnderTest, _ broker: any Broker
    ) async throws {
        for number in numbers {
            try await stand.push([record(number)])
            let claims = try await broker.claim(1, from: .default).claims
            _ = try await broker.finish(claims.map { $0.finish(.deadLetter) })
            // Those of one millisecond have no order.
            let died = try await stand.now()
            await eventually { try await stand.now() > died }
        }
    }

    @Test("the oldest beyond a number are dropped, the rest stays", arguments: BrokerKind.allCases)
    func number(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await die(1...7, stand, broker)
            for (limit, dropped, left) in [(7, 0, 1...7), (4, 3, 4...7), (4, 0, 4...7)] {
                let slice = try await broker.trimDead(
                    in: .default, to: DeadLimits(count: limit))
                #expect(slice == TrimmedSlice(dropped: dropped, hasMore: false))
                #expect(try await numbers(stand.records(.dead, in: .default)) == Array(left))
            }
            let stats = try await broker.stats(of: .default)
            #expect(stats.dead == 4)
            #expect(stats.totals.dead == 7)
        }
    }

    @Test("those beyond an age are dropped, younger ones stay", arguments: BrokerKind.allCases)
    func age(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await die(1...3, stand, broker)
            let third = try await stand.now()
            try await die(4...5, stand, broker)
            for limits in [DeadLimits(), DeadLimits(age: .seconds(3600))] {
                #expect(
                    try await broker.trimDead(in: .default, to: limits)
                        == TrimmedSlice(dropped: 0, hasMore: false))
            }
            // The first three are older by now, and on a slow machine others, too.
            let age = Duration.milliseconds(try await stand.now() - third)
            let slice = try await broker.trimDead(
                in: .default, to: DeadLimits(count: 4, age: age))
            #expect((3...5).contains(slice.dropped) && !slice.hasMore)
            let left = try await numbers(stand.records(.dead, in: .default))
            #expect(left == Array((1...5).dropFirst(slice.dropped)))
        }
    }

    @Test("a long row of them goes in slices", arguments: BrokerKind.allCases)
    func slices(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push((1...1203).map { record($0) })
            _ = try await broker.finish(broker.claimAll().map { $0.finish(.deadLetter) })
            let limits = DeadLimits(count: 3)
            var slices: [TrimmedSlice] = []
            repeat {
                slices.append(try await broker.trimDead(in: .default, to: limits))
            } while slices.last?.hasMore == true
            #expect(slices.map(\.dropped) == [500, 500, 200])
            #expect(try await broker.stats(of: .default).dead == 3)
        }
    }

    @Test(
        "nothing else is touched: other jobs, unique keys, ids that are remembered, receipts",
        arguments: BrokerKind.allCases)
    func nothingElse(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            _ = try await broker.enqueue([
                job { job in
                    job.id = JobID("dies")
                    job.uniqueKey = "key"
                }
            ])
            let claim = try #require(try await broker.claim(1, from: .default).claims.first)
            let receipt = KeptReceipt(
                id: try id("dies"), record: Array("{}".utf8), lifetime: .seconds(3600))
            let finish = Finish(
                token: claim.token, outcome: .deadLetter(envelope: claim.envelope),
                unique: UniqueKey(key: "key", holder: try id("dies")), receipt: receipt)
            _ = try await broker.finish([finish])
            _ = try await broker.enqueue([
                job { $0.uniqueKey = "key" }, job { $0.start = .after(.seconds(60)) },
            ])
            let holder = try await stand.holder(of: "key")
            let died = try await stand.now()
            await eventually { try await stand.now() > died }
            let slice = try await broker.trimDead(in: .default, to: DeadLimits(age: .zero))
            #expect(slice == TrimmedSlice(dropped: 1, hasMore: false))
            let stats = try await broker.stats(of: .default)
            #expect(stats.pending == 1 && stats.scheduled == 1 && stats.dead == 0)
            #expect(try await stand.holder(of: "key") == holder)
            #expect(try await broker.receipt(of: id("dies"), in: .default) != nil)
        }
    }
}
