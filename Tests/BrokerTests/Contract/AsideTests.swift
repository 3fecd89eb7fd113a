import JobQueue
import TestSupport
import Testing

@Suite("Jobs that wait aside")
struct AsideTests {
    private static let other = JobType("other") ?? anyType

    /// Puts the jobs of claims aside, as they are.
    private func putAside(
        _ claims: some Sequence<Claim>, _ broker: any Broker, first: Bool = false
    ) async throws {
        let place = first ? PutBack.asideFirst(anyType) : .aside(anyType)
        let finishes = claims.map { $0.finish(.putBack(place)) }
        #expect(try await broker.finish(finishes).allSatisfy { $0 == .written })
    }

    @Test(
        "are claimed by their type alone, in the order in which they went there",
        arguments: BrokerKind.allCases)
    func claim(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...5))
            try await putAside(broker.claim(3, from: .default).claims, broker)
            #expect(try await numbers(stand.aside(anyType, in: .default)) == [1, 2, 3])
            #expect(try await broker.typesAside() == [.default: [anyType]])
            let others = try await broker.claim(10, from: .default, .aside(Self.other))
            #expect(others.claims.isEmpty)
            #expect(others.rest == .empty)
            let line = try await broker.claim(10, from: .default)
            #expect(try numbers(line.claims.map(\.envelope)) == [4, 5])
            let two = try await broker.claim(2, from: .default, .aside(anyType))
            #expect(try numbers(two.claims.map(\.envelope)) == [1, 2])
            #expect(two.rest == .more)
            let last = try await broker.claim(2, from: .default, .aside(anyType))
            #expect(try numbers(last.claims.map(\.envelope)) == [3])
            #expect(last.rest == .empty)
            #expect(try await broker.typesAside() == [.default: []])
        }
    }

    @Test(
        "keep their records byte for byte, count for nothing, and give nothing back",
        arguments: BrokerKind.allCases)
    func untouched(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let texts = [
                record(1, #""attempts":2,  "x":[1, 2]"#), record(2, #""id":"b""#), record(3),
            ]
            try await stand.push(texts)
            let claims = try await broker.claimAll()
            try await putAside(claims[..<2], broker)
            #expect(try await broker.finish([claims[2].finish(.putBack)]) == [true])
            #expect(try await stand.texts(.pending) == [texts[2]])
            let aside = try await stand.aside(anyType, in: .default)
            #expect(aside.map { String(decoding: $0, as: UTF8.self) } == Array(texts[..<2]))
            #expect(try await stand.records(.active, in: .default).isEmpty)
            let stats = try await broker.stats(of: .default)
            #expect(stats.totals == QueueStats.Totals())
            #expect(stats.pending == 3)
        }
    }

    @Test(
        "that are put to the head come before the others, and both in the order of their claims",
        arguments: BrokerKind.allCases)
    func head(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...8))
            let claims = try await broker.claimAll()
            let finishes = claims.enumerated().map { index, claim in
                claim.finish(
                    .putBack(index.isMultiple(of: 2) ? .asideFirst(anyType) : .aside(anyType)))
            }
            #expect(try await broker.finish(finishes).allSatisfy { $0 == .written })
            #expect(
                try await numbers(stand.aside(anyType, in: .default)) == [1, 3, 5, 7, 2, 4, 6, 8])
        }
    }

    @Test("are put there by who holds them, once", arguments: BrokerKind.allCases)
    func fence(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...1))
            let finish = try await broker.claimOne().finish(.putBack(.aside(anyType)))
            #expect(try await broker.finish([finish]) == [true])
            #expect(try await broker.finish([finish]) == [false])
            #expect(try await stand.aside(anyType, in: .default).count == 1)
        }
    }

    @Test(
        "are not claimed from a paused queue, nor by a lost worker", arguments: BrokerKind.allCases)
    func refused(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...1))
            try await putAside(broker.claimAll(), broker)
            try await broker.pause([.default])
            let reply = try await broker.claim(1, from: .default, .aside(anyType))
            #expect(reply.claims.isEmpty)
            #expect(reply.rest == .paused)
            try await broker.resume([.default])
            try await stand.loseEverything()
            await #expect(throws: BrokerError.self) {
                _ = try await broker.claim(1, from: .default, .aside(anyType))
            }
        }
    }

    @Test("go back to the line when who holds them is lost", arguments: BrokerKind.allCases)
    func recovered(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let lost = try await stand.daemon()
            try await stand.push(records(1...3))
            try await putAside(lost.broker.claimAll(), lost.broker)
            let claim = try #require(
                try await lost.broker.claim(1, from: .default, .aside(anyType)).claims.first)
            await lost.crash()
            let other = try await stand.daemon().broker
            try await stand.endLease(of: claim.token.worker.description, in: .default)
            #expect(try await recoverOne(other).jobs == 1)
            #expect(try await numbers(stand.records(.pending, in: .default)) == [1])
            #expect(try await numbers(stand.aside(anyType, in: .default)) == [2, 3])
        }
    }

    @Test(
        "are pending to operators: counted, found, exported, deleted",
        arguments: BrokerKind.allCases
    )
    func operators(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let old = 1_600_000_000_000 as Int64
            try await stand.push(
                [
                    record(1, #""id":"a","enqueued_at":\#(old)"#), record(2, #""id":"b""#),
                    record(3, #""id":"c","enqueued_at":\#(old + 5)"#),
                ])
            try await putAside(broker.claim(2, from: .default).claims, broker)
            let stats = try await broker.stats(of: .default)
            #expect(stats.pending == 3)
            #expect(stats.oldestPendingAt == old)
            #expect(try await broker.find(id("a")).map(\.state) == [.pending])

            var exported: [[UInt8]] = []
            var position: ExportPosition?
            repeat {
                let page = try await broker.exportJobs(behind: position, bytes: 1)
                exported += page.records.map(\.envelope)
                position = page.next.flatMap { ExportPosition($0.description) }
            } while position != nil
            #expect(try numbers(exported).sorted() == [1, 2, 3])

            #expect(try await broker.delete(.ids([id("a")])).changed == ["a"])
            #expect(try await numbers(stand.aside(anyType, in: .default)) == [2])
            #expect(try await broker.stats(of: .default).pending == 2)
        }
    }

    @Test("of very many types are told, some at a time", arguments: BrokerKind.allCases)
    func manyTypes(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let types = try (0..<500).map { try #require(JobType("t\($0)")) }
            try await stand.push(types.map { record(1, type: $0.description) })
            let claims = try await broker.claimAll()
            let finishes = zip(claims, types).map { $0.finish(.putBack(.aside($1))) }
            #expect(try await broker.finish(finishes).allSatisfy { $0 == .written })
            var told: Set<JobType> = []
            for _ in 0..<50 where told.count < 500 {
                let some = try await broker.typesAside()[.default] ?? []
                #expect(some.count < 400)
                told.formUnion(some)
            }
            #expect(told == Set(types))
            #expect(try await broker.stats(of: .default).pending == 500)
        }
    }
}
