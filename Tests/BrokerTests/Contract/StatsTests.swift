import JobQueue
import TestSupport
import Testing

@Suite("Counting")
struct StatsTests {
    @Test("every job is counted where it is", arguments: BrokerKind.allCases)
    func states(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...9))
            let claims = try await broker.claim(6, from: .default).claims
            _ = try await broker.finish([
                claims[0].finish(.ack), claims[1].finish(.deadLetter),
                claims[2].finish(.deadLetter), claims[3].finish(.retry),
            ])
            var expected = QueueStats(queue: .default)
            expected.pending = 3
            expected.scheduled = 1
            expected.active = 2
            expected.dead = 2
            expected.workers = 1
            expected.totals.done = 1
            expected.totals.dead = 2
            expected.totals.retried = 1
            var counted = try #require(try await broker.stats().queues.first)
            // These records do not say when they were enqueued: see below.
            counted.oldestPendingAt = nil
            #expect(counted == expected)
        }
    }

    @Test("queues that somebody has used are known to all, sorted", arguments: BrokerKind.allCases)
    func queues(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let producer = try await stand.client()
            #expect(try await producer.stats().queues.isEmpty)
            _ = try await producer.enqueue([
                job { $0.queue = try queue("b") },
                job {
                    $0.queue = try queue("a")
                    $0.start = .after(.seconds(60))
                },
            ])
            _ = try await stand.daemon([queue("d")])
            try await producer.pause([queue("c")])
            let other = try await stand.client()
            let stats = try await other.stats()
            #expect(stats.queues.map(\.queue.description) == ["a", "b", "c", "d"])
            #expect(stats.queues.map(\.isPaused) == [false, false, true, false])
        }
    }

    @Test("it is told since when the oldest job waits", arguments: BrokerKind.allCases)
    func oldest(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            #expect(try await broker.stats(of: .default).oldestPendingAt == nil)
            try await stand.push([
                record(1, #""enqueued_at":1700000000123"#), record(2, #""enqueued_at":5"#),
                "garbage",
            ])
            #expect(try await broker.stats(of: .default).oldestPendingAt == 1_700_000_000_123)
            _ = try await broker.claim(2, from: .default)
            // It does not say itself: it counts since it was first seen at the head.
            let seen = try #require(try await broker.stats(of: .default).oldestPendingAt)
            #expect(seen > 1_700_000_000_123)
            #expect(try await broker.stats(of: .default).oldestPendingAt == seen)
            _ = try await broker.claim(1, from: .default)
            #expect(try await broker.stats(of: .default).oldestPendingAt == nil)
        }
    }

    @Test("the jobs of all workers are counted", arguments: BrokerKind.allCases)
    func allWorkers(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            try await stand.push(records(1...6))
            for _ in 0..<3 {
                _ = try await stand.daemon().broker.claim(2, from: .default)
            }
            let client = try await stand.client()
            _ = try await client.enqueue([job()])
            let stats = try await client.stats(of: .default)
            #expect(stats.active == 6)
            #expect(stats.pending == 1)
        }
    }

    @Test(
        "workers tell who they are, what they work on and what they hold",
        arguments: BrokerKind.allCases)
    func workers(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let mail = try queue("mail")
            let one = try await stand.daemon([mail, .default], lease: .seconds(100)).broker
            try await stand.push(records(1...3))
            let claim = try await one.claimOne()
            let other = try await stand.daemon([mail], lease: .seconds(100)).broker

            let workers = try await other.workers()
            #expect(workers.count == 2)
            let first = try #require(workers.first { $0.id == claim.token.worker.description })
            #expect(first.queues == ["default", "mail"])
            #expect(first.active == 1)
            #expect(first.leaseLeft > .zero && first.leaseLeft <= .seconds(100))
            #expect(first.host == "host")
            #expect(first.pid == 42)
            #expect(first.version == "1.2.3")
            #expect(first.concurrency == 10)
            let started = try #require(first.startedAt)
            #expect(abs(started - (try await stand.now())) < 60_000)
            let second = try #require(workers.first { $0.id != claim.token.worker.description })
            #expect(second.queues == ["mail"])
            #expect(second.active == 0)
        }
    }
}
