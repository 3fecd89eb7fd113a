import JobQueue
import TestSupport
import Testing

@Suite("Upkeep", .timeLimit(.minutes(5)))
struct UpkeepTests {
    private static let a = Sample.queue("a")
    private static let b = Sample.queue("b")

    private let broker = BrokerDouble()
    private let clock = ManualClock()
    private let events = EventLog()
    private let log = LogCapture()
    private let ended = Changing(false)

    /// Runs upkeep of these queues on an event loop while `body` runs there, too; then stops it.
    private func run(
        _ queues: [QueueName] = [a], keeping limits: DeadLimits = DeadLimits(),
        _ body: @Sendable () async throws -> Void
    ) async throws {
        let upkeep = Upkeep(
            broker: broker, queues: queues, clock: clock, recorder: events, log: log,
            retention: DeadRetention { _ in limits })
        try await withEventLoop { _ in
            try await withThrowingTaskGroup { group in
                group.addTask {
                    await upkeep.run()
                    ended.update { $0 = true }
                }
                try await body()
                group.cancelAll()
            }
        }
        #expect(ended.value)
    }

    private func count(_ kind: BrokerDouble.Kind) -> Int { broker.state.value.count(of: kind) }

    // MARK: - Due jobs

    @Test("due jobs are looked for when the next one is due")
    func nextDue() async throws {
        broker.promotions((0, .milliseconds(300)), (1, .milliseconds(450)), (1, nil))
        try await run {
            try await broker.expectAnswer(.promoteDue)
            try await clock.pass(.milliseconds(300))
            try await broker.expectAnswer(.promoteDue, number: 2)
            try await clock.pass(.milliseconds(450))
            try await broker.expectAnswer(.promoteDue, number: 3)
            #expect(count(.promoteDue) == 3)
        }
    }

    @Test("while there are more due jobs than fit into one slice it goes on at once")
    func fullSlices() async throws {
        broker.promotions((500, .zero), (500, .zero), (500, .zero), (7, .seconds(60)))
        try await run {
            // Nobody moves the clock.
            try await broker.expectAnswer(.promoteDue, number: 4)
            try await clock.awaitSleeper(.seconds(1))
            #expect(count(.promoteDue) == 4)
        }
    }

    @Test(
        "due jobs are looked for every second, though none is due for long",
        arguments: [Duration.seconds(3600), .milliseconds(1001)])
    func atLeastEverySecond(nextDue: Duration) async throws {
        broker.promotions((0, nextDue), (0, nil))
        // Recovery keeps to itself here.
        broker.next(.recover, .hold(Gate()))
        try await run {
            try await clock.pass(.seconds(1))
            try await broker.expectAnswer(.promoteDue, number: 2)
            try await clock.pass(.seconds(1))
            try await broker.expectAnswer(.promoteDue, number: 3)
        }
    }

    // MARK: - Lost workers

    @Test("lost workers are looked for when the next lease ends")
    func nextLook() async throws {
        broker.recoveries(
            RecoveryRound(nextLook: .milliseconds(700)), RecoveryRound(nextLook: .seconds(15)))
        broker.next(.promoteDue, .hold(Gate()))
        try await run {
            try await clock.pass(.milliseconds(700))
            try await broker.expectAnswer(.recover, number: 2)
            // A lease of a worker that starts meanwhile may end earlier.
            try await clock.pass(.seconds(1))
            try await broker.expectAnswer(.recover, number: 3)
        }
    }

    @Test(
        "a lease that ends this moment is not asked for in a circle",
        arguments: [Duration.zero, .milliseconds(1), .milliseconds(20)])
    func shortestLook(nextLook: Duration) async throws {
        broker.recoveries(RecoveryRound(nextLook: nextLook))
        try await run {
            try await clock.pass(.milliseconds(20))
            try await broker.expectAnswer(.recover, number: 2)
        }
    }

    @Test("what was recovered is told")
    func recovered() async throws {
        let recovery = Recovery(worker: "w", queue: Self.a, jobs: 3)
        var round = RecoveryRound(nextLook: nil)
        round.recoveries = [recovery]
        broker.recoveries(round)
        try await run {
            try await events.recoveries.expect("told") { $0 == [recovery] }
        }
    }

    // MARK: - Dead letters

    @Test("dead letters beyond the limits are dropped in slices, and told once a round")
    func trimmed() async throws {
        broker.trims(
            TrimmedSlice(dropped: 500, hasMore: true), TrimmedSlice(dropped: 7, hasMore: false),
            TrimmedSlice(dropped: 0, hasMore: false), TrimmedSlice(dropped: 2, hasMore: false))
        try await run(keeping: DeadLimits(count: 10)) {
            try await broker.expectAnswer(.trimDead, number: 2)
            try await events.trims.expect("told") { $0 == [507] }
            for number in 3...4 {
                try await clock.pass(.seconds(1))
                try await broker.expectAnswer(.trimDead, number: number)
            }
            try await events.trims.expect("told") { $0 == [507, 2] }
        }
    }

    @Test("without limits nobody asks for dead letters")
    func notTrimmed() async throws {
        try await run {
            try await broker.expectAnswer(.promoteDue)
            try await clock.pass(.seconds(1))
            try await broker.expectAnswer(.promoteDue, number: 2)
            #expect(count(.trimDead) == 0)
        }
    }

    // MARK: - Troubles

    @Test("a trouble is told once, until it changes or passes")
    func toldOnce() async throws {
        let (one, two) = (BrokerError.refused(reason: "one"), BrokerError.refused(reason: "two"))
        broker.next(
            .promoteDue, .fail(one), .fail(one), .fail(two), .fail(two), .first {}, .fail(two))
        broker.next(.recover, .hold(Gate()))
        try await run {
            for number in 1...6 {
                try await broker.expectCall(.promoteDue, number: number)
                try await clock.pass(.seconds(1))
            }
            try await broker.expectCall(.promoteDue, number: 7)
            #expect(log.records.value.map(\.level) == [.warning, .warning, .warning])
            #expect(log.count(of: "cannot bring due jobs of queue a forward") == 3)
            #expect(log.count(of: "one") == 1)
            #expect(log.count(of: "two") == 2)
        }
    }

    @Test("that the broker is away is not told here, and its return is noticed within a second")
    func unreachable() async throws {
        let away = BrokerError.unreachable(address: "x", reason: "refused")
        broker.always(.promoteDue, away)
        broker.always(.recover, away)
        try await run {
            for number in 1...3 {
                try await broker.expectCall(.promoteDue, number: number)
                try await broker.expectCall(.recover, number: number)
                try await clock.pass(.seconds(1))
            }
            broker.always(.promoteDue, nil)
            try await clock.pass(.seconds(1))
            try await broker.expectAnswer(.promoteDue)
            #expect(log.records.value.isEmpty)
        }
    }

    @Test("a queue in trouble, or a call that hangs, holds up no other")
    func independent() async throws {
        broker.next(.promoteDue, .hold(Gate()))
        broker.next(.recover, .fail(BrokerError.refused(reason: "WRONGTYPE")))
        try await run([Self.a, Self.b]) {
            try await broker.expectAnswer(.recover)
            try await broker.expectAnswer(.promoteDue)
            #expect(
                Set(broker.calls) == [
                    .promoteDue(Self.a), .promoteDue(Self.b), .recover(Self.a), .recover(Self.b),
                ])
            #expect(log.count(of: "cannot look for lost workers of queue") == 1)
        }
    }

    @Test("it ends when it is cancelled, while it sleeps and while the broker hangs")
    func cancelled() async throws {
        broker.next(.recover, .hold(Gate()))
        try await run {
            try await broker.expectCall(.recover)
            try await clock.awaitSleeper(.seconds(1))
        }
    }
}
