import JobQueue
import Testing

@Suite("Suspects", .timeLimit(.minutes(5)))
struct SuspectTests {
    /// Stands for the process in which a suspect runs.
    private final class Apart: SuspectRunner {
        let runs = Changing<[String]>([])
        private let end: @Sendable () async throws -> Void

        init(_ end: @escaping @Sendable () async throws -> Void = {}) { self.end = end }

        func run(_ job: Job, _ context: JobContext, losses: Int) async throws {
            runs.update { $0.append("\(job.id), attempt \(job.attempt), lost \(losses)") }
            try await end()
        }
    }

    private func bench(_ apart: Apart, _ handlers: HandlerDouble) -> WorkerBench {
        WorkerBench(Sample.options(), suspects: apart, handler: handlers.held)
    }

    @Test("a job that was lost twice is run apart; those that were not are run as ever")
    func runApart() async throws {
        let (apart, handlers) = (Apart(), HandlerDouble(isOpen: true))
        let bench = bench(apart, handlers)
        bench.broker.push(
            records: (0...3).map { Sample.record("lost-\($0)", #""attempts":1,"lost":\#($0)"#) })
        try await bench.run(gathersAtOnce: true) { bench in
            try await bench.events.events.expect("all are done") { $0.count == 4 }
            #expect(bench.events.events.value.allSatisfy { $0.kind == .done })
            #expect(
                apart.runs.value.sorted()
                    == ["lost-2, attempt 2, lost 2", "lost-3, attempt 2, lost 3"])
            #expect(handlers.state.value.started.sorted() == ["lost-0", "lost-1"])
        }
    }

    @Test("a suspect that crashes is dead at once with the reason, though attempts are left")
    func crash() async throws {
        let apart = Apart { throw SkipRetry("killed by SIGSEGV") }
        let bench = bench(apart, HandlerDouble())
        bench.broker.push(records: [Sample.record("a", #""lost":2"#)])
        try await bench.run(gathersAtOnce: true) { bench in
            try await bench.expectEvents(of: "a", .dead(reason: "killed by SIGSEGV"))
            #expect(bench.broker.jobs.dead() == ["a"])
        }
    }

    @Test("a suspect that fails like any other is tried again, apart")
    func failure() async throws {
        let apart = Apart { throw RetryAfter(.zero, "not now") }
        let bench = bench(apart, HandlerDouble())
        bench.broker.push(records: [Sample.record("a", #""lost":2"#)])
        try await bench.run(gathersAtOnce: true) { bench in
            try await bench.expectEvents(of: "a", .retried(after: .zero, reason: "not now"))
            let scheduled = bench.broker.jobs.queues[.default]?.scheduled ?? []
            #expect(try Sample.envelope(try #require(scheduled.first).record).lost == 2)
        }
    }

    @Test("a suspect that a drain stops is given back, whatever became of its process")
    func drained() async throws {
        let stopped = Gate()
        let apart = Apart {
            try? await stopped.pass()
            throw SkipRetry("killed by SIGTERM")
        }
        var options = Sample.options()
        options.drainTimeout = .seconds(31)
        let bench = WorkerBench(options, suspects: apart, handler: HandlerDouble().held)
        bench.broker.push(records: [Sample.record("a", #""attempts":1,"lost":2"#)])
        try await bench.run(gathersAtOnce: true) { bench in
            try await apart.runs.expect("it runs") { !$0.isEmpty }
            bench.drain()
            try await bench.clock.pass(.seconds(31))
            try await bench.expectEnded()
            try await bench.expectEvents(of: "a", .released(reason: Workbench.stopReason))
            let pending = bench.broker.jobs.queues[.default]?.pending ?? []
            let envelope = try Sample.envelope(try #require(pending.first))
            #expect(envelope.attempts == 1)
            #expect(envelope.lost == 2)
        }
    }

    @Test("a suspect without a handler is dead like any other job of its type")
    func noHandler() async throws {
        let apart = Apart()
        let bench = bench(apart, HandlerDouble())
        bench.broker.push(records: [Sample.record("a", type: "other", #""lost":2"#)])
        try await bench.run(gathersAtOnce: true) { bench in
            try await bench.expectEvents(of: "a", .dead(reason: "no handler for type other"))
            #expect(apart.runs.value.isEmpty)
        }
    }
}
