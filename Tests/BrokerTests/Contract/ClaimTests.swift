import JobQueue
import TestSupport
import Testing

@Suite("Claiming")
struct ClaimTests {
    @Test("jobs come in the order in which they were put in", arguments: BrokerKind.allCases)
    func order(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...3))
            _ = try await broker.enqueue([job(4), job(5) { $0.id = try id("five") }, job(6)])
            try await stand.push([record(7)])
            let claims = try await broker.claimAll()
            #expect(try numbers(claims.map(\.envelope)) == Array(1...7))
        }
    }

    @Test(
        "no more come than were asked for, and it is told whether there is more",
        arguments: BrokerKind.allCases)
    func count(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            #expect(try await broker.claim(3, from: .default).rest == .empty)

            try await stand.push(records(1...5))
            let first = try await broker.claim(2, from: .default)
            #expect(try numbers(first.claims.map(\.envelope)) == [1, 2])
            #expect(first.rest == .more)
            let second = try await broker.claim(10, from: .default)
            #expect(try numbers(second.claims.map(\.envelope)) == [3, 4, 5])
            #expect(second.rest == .empty)
            #expect(try await stand.records(.active, in: .default).count == 5)
        }
    }

    @Test(
        "however many are asked for, a claim brings at most 500 and loses none",
        arguments: BrokerKind.allCases)
    func hugeCount(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...6000))
            let first = try await broker.claim(.max, from: .default)
            #expect((1...500).contains(first.claims.count))
            #expect(first.rest == .more)
            let all = first.claims + (try await broker.claimAll())
            #expect(try numbers(all.map(\.envelope)) == Array(1...6000))
            #expect(Set(all.map(\.token)).count == 6000)
        }
    }

    @Test(
        "asking for none, or for fewer, brings none", arguments: BrokerKind.allCases, [0, -1, .min])
    func noCount(kind: BrokerKind, count: Int) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...2))
            #expect(try await broker.claim(count, from: .default).claims.isEmpty)
            #expect(try await numbers(stand.records(.pending, in: .default)) == [1, 2])
        }
    }

    @Test(
        "of large jobs about 4 MiB come at once, and all in the end", arguments: BrokerKind.allCases
    )
    func large(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push((1...12).map { largeRecord($0, kilobytes: 1000) })
            let first = try await broker.claim(12, from: .default)
            #expect((4...6).contains(first.claims.count))
            #expect(first.rest == .more)
            let rest = try await broker.claimAll()
            #expect(try numbers((first.claims + rest).map(\.envelope)) == Array(1...12))
        }
    }

    @Test(
        "small jobs before large ones do not make a claim larger by much",
        arguments: BrokerKind.allCases)
    func mixedSizes(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...4) + (5...60).map { largeRecord($0, kilobytes: 500) })
            let first = try await broker.claim(60, from: .default)
            #expect(first.claims.map(\.envelope.count).reduce(0, +) < 14 << 20)
            #expect(first.rest == .more)
            let rest = try await broker.claimAll()
            #expect(try numbers((first.claims + rest).map(\.envelope)) == Array(1...60))
        }
    }

    @Test("a record that is no job comes as it is", arguments: BrokerKind.allCases)
    func anyBytes(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let garbage: [[UInt8]] = [
                [], [0, 13, 10, 255], Array("[]".utf8), Array(repeating: 91, count: 9),
            ]
            try await stand.push(garbage, to: .default)
            #expect(try await broker.claimAll().map(\.envelope) == garbage)
            #expect(try await stand.records(.active, in: .default) == garbage)
        }
    }

    @Test("two daemons never get the same job", arguments: BrokerKind.allCases)
    func twoDaemons(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let one = try await stand.daemon().broker
            let other = try await stand.daemon().broker
            try await stand.push(records(1...300))
            async let ones = one.claimAll()
            async let others = other.claimAll()
            let claims = try await ones + others
            #expect(try numbers(claims.map(\.envelope)).sorted() == Array(1...300))
            #expect(Set(claims.map(\.token)).count == 300)
        }
    }

    @Test(
        "of a paused queue nobody gets anything until it is resumed", arguments: BrokerKind.allCases
    )
    func paused(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...2))
            try await broker.pause([.default])
            #expect(try await broker.claim(5, from: .default).rest == .paused)
            // Whoever comes later finds it paused as well.
            let other = try await stand.daemon().broker
            let reply = try await other.claim(5, from: .default)
            #expect(reply.rest == .paused)
            #expect(reply.claims.isEmpty)
            #expect(try await broker.stats(of: .default).isPaused)

            try await other.resume([.default])
            #expect(try await broker.claim(5, from: .default).claims.count == 2)
            #expect(try await !broker.stats(of: .default).isPaused)
        }
    }

    @Test(
        "pausing one queue lets the others go on, and pausing twice is as good as once",
        arguments: BrokerKind.allCases)
    func pausedAlone(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let mail = try queue("mail")
            let broker = try await stand.daemon([.default, mail]).broker
            try await stand.push(records(1...1), to: .default)
            try await stand.push(records(2...2), to: mail)
            try await broker.pause([mail])
            try await broker.pause([mail])
            #expect(try await broker.claim(5, from: .default).claims.count == 1)
            #expect(try await broker.claim(5, from: mail).rest == .paused)
            try await broker.resume([mail, .default])
            #expect(try await broker.claim(5, from: mail).claims.count == 1)
        }
    }
}
