import JobQueue
import TestSupport
import Testing

@Suite("Jobs for later")
struct ScheduleTests {
    @Test(
        "a delayed job is due so much later by the broker's clock", arguments: BrokerKind.allCases)
    func delayed(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let before = try await stand.now()
            _ = try await broker.enqueue([
                job(1) {
                    $0.start = .after(.milliseconds(3_600_500))
                    $0.id = try id("later")
                }
            ])
            let after = try await stand.now()
            let found = try #require(try await broker.find(id("later")).first)
            #expect(found.state == .scheduled)
            #expect((before + 3_600_500...after + 3_600_500).contains(try #require(found.time)))
            #expect(try await broker.claim(1, from: .default).rest == .empty)
            #expect(try await broker.promoteDue(in: .default).moved == 0)
        }
    }

    @Test("a timed job is due at its time", arguments: BrokerKind.allCases)
    func timed(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let time = try await stand.now() + 86_400_123
            _ = try await broker.enqueue([
                job(1) { $0.start = .at(unixMilliseconds: time) },
                job(2) { $0.start = .at(unixMilliseconds: 0) },
            ])
            let next = try await broker.promoteDue(in: .default)
            #expect(next.moved == 1)
            #expect(try await numbers(stand.records(.pending, in: .default)) == [2])
            let left = try #require(next.nextDue)
            #expect((.seconds(86_300)...(.seconds(86_400))).contains(left))
        }
    }

    @Test("no delay, or none that is left, is due at once", arguments: BrokerKind.allCases)
    func now(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            _ = try await broker.enqueue([job(1) { $0.start = .after(.zero) }])
            #expect(try await broker.promoteDue(in: .default).moved == 1)
        }
    }

    @Test("due jobs go behind those that wait, the earliest first", arguments: BrokerKind.allCases)
    func order(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([record(1)])
            let due: [(record: [UInt8], time: Double)] = [
                (Array(record(4).utf8), 3000), (Array(record(2).utf8), 1000),
                (Array(record(3).utf8), 2000),
            ]
            try await stand.schedule(due, in: .default)
            let round = try await broker.promoteDue(in: .default)
            #expect(round.moved == 3)
            #expect(round.nextDue == nil)
            #expect(try await numbers(stand.records(.pending, in: .default)) == [1, 2, 3, 4])
        }
    }

    @Test("where nothing is scheduled there is nothing to wait for", arguments: BrokerKind.allCases)
    func nothing(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let round = try await stand.daemon().broker.promoteDue(in: .default)
            #expect(round.moved == 0)
            #expect(round.nextDue == nil)
        }
    }

    @Test("very many due jobs come forward in slices", arguments: BrokerKind.allCases)
    func slices(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.schedule(
                (1...1201).map { (Array(record($0).utf8), Double($0)) }, in: .default)
            var slices: [Int] = []
            while true {
                let round = try await broker.promoteDue(in: .default)
                slices.append(round.moved)
                if round.nextDue == nil { break }
                #expect(round.nextDue == .zero)
            }
            #expect(slices == [500, 500, 201])
            #expect(try await numbers(stand.records(.pending, in: .default)) == Array(1...1201))
        }
    }

    @Test("large due jobs come forward about 4 MiB at a time", arguments: BrokerKind.allCases)
    func largeSlices(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let large = (1...10).map { largeRecord($0, kilobytes: 1000) }
            try await stand.schedule(
                zip(1..., large).map { (Array($1.utf8), Double($0)) }, in: .default)
            let first = try await broker.promoteDue(in: .default)
            #expect((4...6).contains(first.moved))
            #expect(first.nextDue == .zero)
            while try await broker.promoteDue(in: .default).nextDue != nil {}
            #expect(try await numbers(stand.records(.pending, in: .default)) == Array(1...10))
        }
    }

    @Test("a time that makes no sense stops nobody", arguments: BrokerKind.allCases)
    func oddTimes(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let odd: [Double] = [-.infinity, -5, 0.5, 9e15, 1e300, .infinity]
            try await stand.schedule(
                zip(1..., odd).map { (Array(record($0).utf8), $1) }, in: .default)
            let round = try await broker.promoteDue(in: .default)
            #expect(round.moved == 3)
            #expect(try #require(round.nextDue) > .seconds(3600))
            #expect(try await numbers(stand.records(.pending, in: .default)) == [1, 2, 3])
            #expect(try await broker.stats(of: .default).scheduled == 3)
            _ = try await broker.find(id("nobody"))
        }
    }
}
