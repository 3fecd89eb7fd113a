import JobQueue
import TestSupport
import Testing

/// A worker at work on a double of the broker, by a clock that the test moves.
struct WorkerBench: Sendable {
    let broker = BrokerDouble()
    let clock = ManualClock()
    let events = EventLog()
    let log = LogCapture()
    let worker: Worker
    /// Whether the worker's `run()` has returned.
    let ended = Changing(false)

    /// - Parameters:
    ///   - concurrency: How many jobs of type `work` run at once; `nil`: as many as there are slots.
    ///     Else there is the type `other`, too, which has no limit.
    ///   - handler: Runs all jobs.
    init(
        _ options: WorkerOptions, suspects: (any SuspectRunner)? = nil, concurrency: Int? = nil,
        random: RandomSource = .seeded(1), handler: @escaping JobHandler
    ) {
        var registry = HandlerRegistry()
        registry.register(
            "work", options: HandlerOptions(concurrency: concurrency), handler: handler)
        if concurrency != nil { registry.register("other", handler: handler) }
        worker = Worker(
            broker: broker, registry: registry, options: options, suspects: suspects,
            clock: clock, random: random, recorder: events, log: log)
    }

    /// Runs the worker on an event loop while `body` runs there, too; then stops it.
    ///
    /// - Parameter gathersAtOnce: Whether outcomes leave at once and not when the test has moved the clock.
    func run(
        gathersAtOnce: Bool = false, _ body: @Sendable (WorkerBench) async throws -> Void
    ) async throws {
        if gathersAtOnce { clock.skip(Workbench.gatherTime) }
        try await withEventLoop { _ in
            try await withThrowingTaskGroup { group in
                group.addTask {
                    await worker.run()
                    ended.update { $0 = true }
                }
                try await body(self)
                group.cancelAll()
            }
        }
    }

    /// Asks for a drain, and marks it among the broker's calls.
    func drain() {
        broker.mark("drain")
        worker.drain()
    }

    /// Lets the time of a job pass that has just begun. It is looked at on the way, in case no thread begins with it.
    func passTimeout(_ timeout: Duration) async throws {
        let first = Workbench.longestWaitForThread
        try await clock.awaitSleeper(first, or: timeout)
        // Whoever sleeps for the whole time sleeps on.
        clock.advance(by: first)
        try await clock.pass(timeout - first)
    }

    func expectEnded(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await ended.expect("the worker has ended", sourceLocation: sourceLocation) { $0 }
    }

    /// Waits until this became of a job's attempts.
    func expectEvents(
        of id: String, sourceLocation: SourceLocation = #_sourceLocation,
        _ kinds: JobEvent.Kind...
    ) async throws {
        try await events.events.expect("events of \(id)", sourceLocation: sourceLocation) {
            $0.count { $0.id.description == id } >= kinds.count
        }
        #expect(events.kinds(of: id) == kinds, sourceLocation: sourceLocation)
    }
}
