import EventLoop
import JobDaemon
import JobQueue
import Redis
import RedisBroker
import TestSupport

/// The parts of a daemon that talk to Redis, in this process, so that a test may choose how long they
/// wait for an answer. It runs one job at a time.
final class DaemonInside: Sendable {
    private static let lease = Duration.seconds(1)

    let broker: RedisBroker
    let worker: Worker
    private let hasEnded = Watched(false)
    private let task: Task<Void, Never>

    init(
        life: Life, address: String, handlers: HandlerRegistry, log: LogLines
    ) throws {
        let loop = life.loop
        let clock = LoopClock(loop: loop)
        var options = try RedisBrokerOptions(life: life, address: address)
        options.worker = .init(queues: [.default], lease: Self.lease)
        let isUp = Watched(false)
        options.changed = { if case .up = $0 { isUp.update { $0 = true } } }
        let broker = RedisBroker(loop: loop, options: options)
        var workerOptions = WorkerOptions(slots: 1, schedule: QueueSchedule(strict: [.default]))
        workerOptions.lease = Self.lease
        workerOptions.drainTimeout = .zero
        workerOptions.killGrace = .seconds(5)
        let worker = Worker(
            broker: broker, registry: handlers, options: workerOptions, clock: clock,
            random: .system, recorder: log, log: log)
        let upkeep = Upkeep(
            broker: broker, queues: [.default], clock: clock, recorder: log, log: log)
        self.broker = broker
        self.worker = worker
        // `drain` awaits it, or cancels it.
        task = Task(executorPreference: loop) { [hasEnded] in
            await withTaskGroup { group in
                group.addTask { await broker.run() }
                _ = await isUp.wait(within: Life.limit) { $0 }
                group.addTask { await upkeep.run() }
                await worker.run()
                group.cancelAll()
            }
            hasEnded.update { $0 = true }
        }
    }

    /// Drains it: running jobs are stopped at once.
    ///
    /// - Returns: whether that came to an end in time. It is over in any case.
    func drain(within limit: Duration) async -> Bool {
        worker.drain()
        let isInTime = await hasEnded.wait(within: limit) { $0 } != nil
        task.cancel()
        return isInTime
    }
}

extension RedisBrokerOptions {
    /// Those of a life's daemons and of its producer.
    init(life: Life, address: String) throws {
        self.init(
            address: try RedisAddress(parsing: address), clock: LoopClock(loop: life.loop),
            resolve: { [$0] })
        namespace = life.namespace
        commandTimeout = life.commandTimeout
    }
}

/// Keeps the lines of a daemon's log, those about jobs among them.
final class LogLines: LogSink, JobEventRecorder {
    let level = LogLevel.debug
    private let lines = Watched<[String]>([])

    var all: [String] { lines.value }

    func write(_ record: LogRecord) { lines.update { $0.append(record.message) } }

    func record(_ events: [JobEvent]) {
        lines.update { $0 += events.map { "\($0.id) attempt \($0.attempt): \($0.kind)" } }
    }

    func recovered(_ recovery: Recovery) {
        lines.update { $0.append("took back \(recovery.jobs) of \(recovery.worker)") }
    }

    func trimmed(_ count: Int, of queue: QueueName) {
        lines.update { $0.append("dropped \(count) dead letters") }
    }
}
