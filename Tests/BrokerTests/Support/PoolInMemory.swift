import EventLoop
import JobDaemon
import JobQueue
import TestSupport
import Testing

@testable import SQLiteBroker

/// A whole pool in this process, with its upkeep, on jobs in memory: as quick as a double of the
/// broker, and with the real states.
struct PoolInMemory: Sendable {
    let stand: SQLiteUnderTest
    let broker: any Broker
    let worker: Worker

    /// Runs the pool while `body` runs; then drains it.
    ///
    /// - Parameter handler: runs the jobs of type `test`.
    static func run(
        slots: Int = 4, drainTimeout: Duration = .seconds(20), handler: @escaping JobHandler,
        _ body: @Sendable @concurrent (PoolInMemory) async throws -> Void
    ) async throws {
        try await withEventLoop { loop in
            let stand = try await SQLiteUnderTest(loop: loop, isInMemory: true)
            let broker = try await stand.daemon(queues: [.default], lease: .seconds(15)).broker
            var registry = HandlerRegistry()
            registry.register("test", handler: handler)
            let clock = LoopClock(loop: loop)
            var options = WorkerOptions(
                slots: slots, schedule: QueueSchedule(strict: [.default]),
                retry: RetryPolicy(base: .milliseconds(1), max: .milliseconds(5), maxAttempts: 3))
            options.drainTimeout = drainTimeout
            options.killGrace = .seconds(20)
            let recorder = EventRecorder(
                metrics: Metrics(types: registry.types, queues: [.default], version: ""),
                log: NoLog())
            let worker = Worker(
                broker: broker, registry: registry, options: options, clock: clock,
                random: .system, recorder: recorder, log: NoLog())
            let upkeep = Upkeep(
                broker: broker, queues: [.default], clock: clock, recorder: recorder, log: NoLog())
            try await withThrowingTaskGroup { group in
                defer { group.cancelAll() }
                group.addTask { await upkeep.run() }
                async let working: Void = worker.run()
                try await body(PoolInMemory(stand: stand, broker: broker, worker: worker))
                worker.drain()
                await working
            }
            await stand.close()
        }
    }

    /// Waits until no job is left but dead ones, and returns the counts.
    func expectEnd() async throws -> QueueStats {
        // Each step of a job waits for its turn among all tests that run in this process.
        await eventually("every job has ended", within: .seconds(240)) {
            let stats = try await broker.stats(of: .default)
            return stats.pending + stats.scheduled + stats.active == 0
        }
        return try await broker.stats(of: .default)
    }

    private struct NoLog: LogSink {
        let level = LogLevel.error
        func write(_ record: LogRecord) {}
    }
}
