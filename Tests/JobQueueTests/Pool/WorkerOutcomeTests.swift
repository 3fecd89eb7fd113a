import JobQueue
import Testing

@Suite("What a worker makes of its handlers", .timeLimit(.minutes(5)))
struct WorkerOutcomeTests {
    private struct Oops: Error, CustomStringConvertible {
        let description = "out of paper"
    }

    private static func options(slots: Int = 2) -> WorkerOptions {
        let retry = RetryPolicy(base: .seconds(8), max: .seconds(60), maxAttempts: 3)
        var options = Sample.options(slots: slots, retry: retry)
        options.timeout = .seconds(20)
        options.killGrace = .seconds(6)
        return options
    }

    @Test("a job that fails is scheduled again and again, and is dead after its last attempt")
    func failsAlways() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Self.options(), handler: handlers.doing { _, _ in throw Oops() })
        bench.broker.push(["a"])
        try await bench.run { bench in
            for attempt in 1...2 {
                try await bench.broker.expectJobs("scheduled") { $0.scheduled() == ["a"] }
                let entry = try #require(bench.broker.jobs.queues[.default]?.scheduled.first)
                let whole = Duration.seconds(8 << (attempt - 1))
                #expect(entry.delay >= whole / 2 && entry.delay <= whole, "\(entry.delay)")
                #expect(try Sample.envelope(entry.record).attempts == attempt)
                bench.broker.state.update { $0.jobs.promoteAll(in: .default) }
            }
            try await bench.broker.expectJobs("dead") { $0.dead() == ["a"] }
            try await bench.events.events.expect("three attempts") { $0.count == 3 }
            let events = bench.events.events.value
            #expect(events.map(\.attempt) == [1, 2, 3])
            #expect(events.last?.kind == .dead(reason: "out of paper"))
            let record = try #require(bench.broker.jobs.queues[.default]?.dead.first)
            let envelope = try Sample.envelope(record)
            #expect(envelope.attempts == 3)
            #expect(envelope.lastError == "out of paper")
        }
    }

    @Test("a job that fails once is done at its second attempt")
    func failsOnce() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(
            Self.options(),
            handler: handlers.doing { _, attempt in if attempt == 1 { throw Oops() } })
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await bench.broker.expectJobs("scheduled") { $0.scheduled() == ["a"] }
            bench.broker.state.update { $0.jobs.promoteAll(in: .default) }
            try await bench.broker.expectJobs("done") { $0.doneIDs == ["a"] }
        }
    }

    @Test("a handler's own word on trying again counts")
    func ownWord() async throws {
        let handlers = HandlerDouble()
        let handler = handlers.doing { id, _ in
            if id == "never" { throw SkipRetry("no such user") }
            throw RetryAfter(.seconds(90), "the quota is used up")
        }
        let bench = WorkerBench(Self.options(slots: 1), handler: handler)
        bench.broker.push(["never", "later"])
        try await bench.run { bench in
            try await bench.expectEvents(of: "never", .dead(reason: "no such user"))
            try await bench.expectEvents(
                of: "later", .retried(after: .seconds(90), reason: "the quota is used up"))
            #expect(bench.broker.jobs.queues[.default]?.scheduled.first?.delay == .seconds(90))
        }
    }

    @Test("the time that a job ran and waited is told")
    func times() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Self.options(), handler: handlers.held)
        let enqueuedAt = ManualClock.wallStart - 700
        bench.broker.push(records: [Sample.record("a", #""enqueued_at":\#(enqueuedAt)"#)])
        try await bench.run { bench in
            try await handlers.expectStarted("a")
            bench.clock.advance(by: .seconds(4))
            handlers.open()
            try await bench.expectEvents(of: "a", .done)
            #expect(bench.events.events.value.first?.wait == .milliseconds(700))
            #expect(bench.events.events.value.first?.run == .seconds(4))
        }
    }

    // MARK: - Time limits

    @Test("a job over its time is cancelled and has failed")
    func timedOut() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Self.options(), handler: handlers.held)
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await handlers.expectStarted("a")
            try await bench.passTimeout(.seconds(20))
            try await bench.broker.expectJobs("scheduled") { $0.scheduled() == ["a"] }
            try await bench.events.events.expect("told") { $0.count == 1 }
            guard case .retried(_, let reason) = bench.events.events.value[0].kind else {
                Issue.record("not retried: \(bench.events.events.value[0].kind)")
                return
            }
            #expect(reason == "timed out after 20s")
        }
        #expect(handlers.state.value.cancelled == ["a"])
    }

    @Test("what was heard last of a job over its time stands behind the reason")
    func lastWords() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Self.options()) { job, context in
            do {
                try await handlers.held(job, context)
            } catch {
                throw Interrupted(lastWords: "waiting for paper")
            }
        }
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await handlers.expectStarted("a")
            try await bench.passTimeout(.seconds(20))
            try await bench.events.events.expect("told") { $0.count == 1 }
            guard
                case .retried(_, "timed out after 20s: waiting for paper") =
                    bench.events.events.value[0].kind
            else {
                Issue.record("\(bench.events.events.value[0].kind)")
                return
            }
        }
    }

    @Test("the job's own limit of time counts, and a shorter one beside a longer one is kept")
    func ownTimeout() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Self.options(), handler: handlers.held)
        bench.broker.push(["a"])
        try await bench.run(gathersAtOnce: true) { bench in
            try await handlers.expectStarted("a")
            bench.broker.push(records: [Sample.record("b", #""timeout_ms":5000"#)])
            try await handlers.expectStarted("a", "b")
            try await bench.passTimeout(.seconds(5))
            try await bench.broker.expectJobs("b has failed") { $0.scheduled() == ["b"] }
            #expect(handlers.state.value.cancelled == ["b"])
        }
    }

    @Test("work that is finished in spite of its cancellation counts as done")
    func doneLate() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Self.options(), handler: handlers.stubborn)
        bench.broker.push(["a"])
        defer { handlers.open() }
        try await bench.run { bench in
            try await handlers.expectStarted("a")
            try await bench.passTimeout(.seconds(20))
            // Told to stop; the grace runs.
            try await bench.clock.awaitSleeper(.seconds(6))
            handlers.open()
            try await bench.expectEvents(of: "a", .done)
            #expect(bench.broker.jobs.doneIDs == ["a"])
        }
    }

    @Test("a handler that does not stop loses its job after the grace, and keeps its slot")
    func doesNotStop() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Self.options(), handler: handlers.stubborn)
        bench.broker.push(["a"])
        defer { handlers.open() }
        try await bench.run(gathersAtOnce: true) { bench in
            try await handlers.expectStarted("a")
            try await bench.passTimeout(.seconds(20))
            try await bench.clock.pass(.seconds(6))
            try await bench.broker.expectJobs("it failed") { $0.scheduled() == ["a"] }
            try await bench.events.events.expect("told") { $0.count == 1 }
            #expect(bench.events.events.value[0].run == .seconds(20))
            // One of two slots is left for others.
            #expect(bench.worker.workbench.occupancy.busy == 1)
            bench.broker.push(["b", "c"])
            try await handlers.expectStarted("a", "b")

            handlers.open()
            try await handlers.state.expect("c has run, too") { $0.started.count == 3 }
            try await bench.broker.expectJobs("b and c are done") { $0.done.count == 2 }
            // What the late handler brought was dropped.
            #expect(bench.events.events.value.count { $0.id.description == "a" } == 1)
            #expect(bench.broker.jobs.scheduled() == ["a"])
        }
    }

    @Test("with one slot, too, the job of a handler that does not stop goes to others")
    func doesNotStopAlone() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Self.options(slots: 1), handler: handlers.stubborn)
        bench.broker.push(["a"])
        defer { handlers.open() }
        try await bench.run(gathersAtOnce: true) { bench in
            try await handlers.expectStarted("a")
            try await bench.passTimeout(.seconds(20))
            try await bench.clock.pass(.seconds(6))
            try await bench.broker.expectJobs("it failed") { $0.scheduled() == ["a"] }
        }
    }

    @Test("lines that a handler logs carry the job's fields")
    func logger() async throws {
        var options = Self.options()
        options.timeout = .seconds(9)
        let bench = WorkerBench(options) { job, context in
            context.log.info("within \(context.timeout.brief)")
        }
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await bench.expectEvents(of: "a", .done)
            let line = try #require(bench.log.records.value.first)
            #expect(line.message == "within 9s")
            #expect(line.fields.job?.description == "a")
            #expect(line.fields.type?.description == "work")
            #expect(line.fields.attempt == 1)
        }
    }
}
