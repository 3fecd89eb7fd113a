import JobDaemon
import JobQueue
import RedisBroker

extension Bench {
    /// Runs a broker for producers while `body` runs.
    func withProducer<Result: Sendable>(
        _ body: (any Producer) async throws -> Result
    ) async throws -> Result {
        let broker = RedisBroker(loop: loop, options: brokerOptions)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { await broker.run() }
            return try await body(broker)
        }
    }

    /// Runs a worker, as the daemon has it, while `body` runs, and drains it afterwards.
    ///
    /// - Parameters:
    ///   - handler: Runs the jobs of the only type that there is.
    ///   - body: Called when the worker waits for work.
    func withWorker<Result: Sendable>(
        slots: Int, clock: any JobClock, handler: @escaping JobHandler,
        _ body: (any Producer) async throws -> Result
    ) async throws -> Result {
        var options = brokerOptions
        options.worker = .init(queues: [.default], lease: .seconds(15))
        let broker = RedisBroker(loop: loop, options: options)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { await broker.run() }
            return try await working(on: broker, slots: slots, clock: clock, handler: handler) {
                try await redis.waitForIdleWorker()
                return try await body(broker)
            }
        }
    }

    /// Runs a worker on a broker that is kept usable while `body` runs, and drains it afterwards.
    func working<Result: Sendable>(
        on broker: any Broker, slots: Int, clock: any JobClock, handler: @escaping JobHandler,
        _ body: () async throws -> Result
    ) async throws -> Result {
        var registry = HandlerRegistry()
        registry.register(BenchJob.type.description, handler: handler)
        let recorder = EventRecorder(
            metrics: Metrics(types: registry.types, queues: [.default], version: ""), log: NoLog())
        let worker = Worker(
            broker: broker, registry: registry,
            options: WorkerOptions(slots: slots, schedule: QueueSchedule(strict: [.default])),
            clock: clock, random: .kernel, recorder: recorder, log: NoLog())
        let upkeep = Upkeep(
            broker: broker, queues: [.default], clock: clock, recorder: recorder, log: NoLog())
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { await upkeep.run() }
            async let working: Void = worker.run()
            let result = try await body()
            worker.drain()
            await working
            return result
        }
    }

    private var brokerOptions: RedisBrokerOptions {
        var options = RedisBrokerOptions(address: redis.address, clock: clock, resolve: { [$0] })
        options.namespace = namespace
        options.random = .kernel
        return options
    }
}

/// The log of a daemon to which nothing happens that is worth a line.
struct NoLog: LogSink {
    let level = LogLevel.info
    func write(_ record: LogRecord) {}
}
