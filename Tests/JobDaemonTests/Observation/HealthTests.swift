import JobQueue
import Redis
import TestSupport
import Testing

@testable import JobDaemon

@Suite("Whether the daemon does its work")
struct HealthTests {
    private let clock = SteppedClock()
    private let broker = WorkerBrokerDouble()
    private let monitor: BrokerMonitor
    private let worker: Worker

    init() {
        monitor = BrokerMonitor(
            address: .redis(RedisAddress(place: .tcp(host: "redis", port: 6379))), clock: clock,
            log: LogCapture())
        worker = .forTests(on: broker, clock: clock)
    }

    private func health(lease: Duration = .seconds(15)) -> Health {
        Health(worker: worker, monitor: monitor, clock: clock, lease: lease)
    }

    /// Runs the worker, its heartbeats answered, while `body` runs.
    private func withWorker(_ body: @Sendable () async throws -> Void) async throws {
        try await withEventLoop { _ in
            try await withThrowingTaskGroup { group in
                group.addTask { await worker.run() }
                try await body()
                group.cancelAll()
            }
        }
    }

    /// Lets time pass, at least the 3 seconds between two beats, while the worker beats its heart.
    private func pass(_ duration: Duration) async throws {
        let beats = broker.state.value.heartbeats
        try await clock.awaitSleeper(.seconds(3))
        clock.advance(by: duration)
        guard await broker.state.wait(within: .seconds(20), until: { $0.heartbeats > beats }) != nil
        else { throw TestSupportError("the heart does not beat") }
        // The beat is noted before the next one is waited for.
        try await clock.awaitSleeper(.seconds(3))
    }

    @Test("a daemon whose broker is there and whose loops turn is well")
    func well() async throws {
        try await withWorker {
            monitor.note(.up(warnings: []))
            for _ in 0..<20 {
                try await pass(.seconds(30))
                #expect(health().problems().isEmpty)
            }
        }
    }

    @Test("a broker that is away is a problem, and nothing is stuck by it")
    func brokerAway() {
        #expect(health().problems() == ["not connected to Redis at redis:6379 yet"])
        monitor.note(.up(warnings: []))
        monitor.note(.down(reason: "connection refused"))
        clock.advance(by: .seconds(86_400))
        #expect(health().problems() == ["connection refused"])
        #expect(health().stuckPart() == nil)
        monitor.note(.unfit(reason: "READONLY"))
        #expect(health().problems() == ["READONLY"] && health().stuckPart() == nil)
    }

    @Test("a heart that does not beat for 20 s is stuck, with a longer lease for as long as that")
    func heartbeat() {
        // Nobody runs the worker.
        monitor.note(.up(warnings: []))
        clock.advance(by: .seconds(20))
        #expect(health().stuckPart() == nil)
        clock.advance(by: .milliseconds(1))
        #expect(health().stuckPart() == "the heartbeat")
        #expect(health().problems() == ["the heartbeat is stuck"])
        #expect(health(lease: .seconds(60)).stuckPart() == nil)
        clock.advance(by: .seconds(40))
        #expect(health(lease: .seconds(60)).stuckPart() == "the heartbeat")
    }

    @Test("time without a broker is not counted: all begin anew when it is back")
    func counting() {
        monitor.note(.up(warnings: []))
        monitor.note(.down(reason: "gone"))
        clock.advance(by: .seconds(1_000))
        monitor.note(.up(warnings: []))
        #expect(health().stuckPart() == nil)
        clock.advance(by: .seconds(21))
        #expect(health().stuckPart() == "the heartbeat")
    }

    @Test("a claim that is not answered is found, although the heart beats")
    func claiming() async throws {
        broker.state.update { $0.silent = [.claim] }
        try await withWorker {
            monitor.note(.up(warnings: []))
            await eventually { worker.currentProgress.claimingSince != nil }
            try await pass(.seconds(19))
            #expect(health().stuckPart() == nil)
            try await pass(.seconds(4))
            #expect(health().problems() == ["claiming is stuck"])
            broker.state.update { $0.silent = [] }
            await eventually { health().problems().isEmpty }
        }
    }

    @Test("outcomes that cannot be written are found as well")
    func writing() async throws {
        broker.state.update { state in
            state.silent = [.finish]
            state.record = Array(#"{"type":"work","id":"j1"}"#.utf8)
        }
        try await withWorker {
            monitor.note(.up(warnings: []))
            await eventually { worker.currentProgress.writingSince != nil }
            try await pass(.seconds(19))
            #expect(health().stuckPart() == nil)
            try await pass(.seconds(4))
            #expect(health().problems() == ["the writing of outcomes is stuck"])
            broker.state.update { $0.silent = [] }
            await eventually { health().problems().isEmpty }
        }
    }

    @Test("a queue that cannot be worked on is named with the reason")
    func queueTrouble() async throws {
        broker.state.update { $0.claimError = .refused(reason: "WRONGTYPE in our place") }
        try await withWorker {
            monitor.note(.up(warnings: []))
            await eventually(
                equals: [
                    "queue default: the broker refused: WRONGTYPE in our place"
                ]) { health().problems() }
            #expect(health().stuckPart() == nil)
        }
    }

    @Test("all that is wrong is told at once, sorted")
    func several() async throws {
        broker.state.update { $0.claimError = .refused(reason: "WRONGTYPE") }
        try await withWorker {
            monitor.note(.down(reason: "a first reason"))
            await eventually(
                equals: ["a first reason", "queue default: the broker refused: WRONGTYPE"]
            ) { health().problems() }
        }
    }
}
