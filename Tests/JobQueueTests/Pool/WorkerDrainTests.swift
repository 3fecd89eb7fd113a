import JobQueue
import Testing

@Suite("A worker that drains", .timeLimit(.minutes(5)))
struct WorkerDrainTests {
    private static func options(slots: Int = 2, queues: String = "default") -> WorkerOptions {
        var options = Sample.options(slots: slots, queues: queues)
        options.drainTimeout = .seconds(31)
        options.killGrace = .seconds(11)
        options.signOffLimit = .seconds(7)
        return options
    }

    private func bench(_ handler: @escaping JobHandler, slots: Int = 2) -> WorkerBench {
        WorkerBench(Self.options(slots: slots), handler: handler)
    }

    /// What the broker was asked after the drain. Left out are heartbeats, and waits for work, which may
    /// just have begun and own nothing.
    private func callsAfterDrain(_ bench: WorkerBench) -> [BrokerDouble.Kind] {
        bench.broker.calls.drop { $0 != .mark("drain") }.compactMap(\.kind)
            .filter { $0 != .heartbeat && $0 != .waitForWork }
    }

    // MARK: - Claiming ends

    @Test("a worker with nothing to do stops at once and signs off")
    func nothingToDo() async throws {
        try await bench(HandlerDouble().held).run { bench in
            try await bench.broker.expectCall(.waitForWork)
            bench.drain()
            try await bench.expectEnded()
            #expect(callsAfterDrain(bench) == [.retire])
            #expect(bench.log.records.value.isEmpty)
        }
    }

    @Test("a drain that was asked for before the start lets nothing be claimed")
    func beforeStart() async throws {
        let bench = bench(HandlerDouble().held)
        bench.broker.push(["a"])
        bench.drain()
        bench.drain()
        try await bench.run { bench in
            try await bench.expectEnded()
            #expect(callsAfterDrain(bench) == [.retire])
        }
    }

    @Test("from the moment of the drain nothing is claimed, though slots are free and jobs wait")
    func noClaimAfterwards() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = bench(handlers.held, slots: 1)
        bench.broker.push(["a", "b", "c"])
        // The signal arrives while a claim is on its way, and its answer says that there is more.
        bench.broker.next(.claim, .first { bench.drain() })
        try await bench.run { bench in
            try await bench.expectEnded()
            #expect(callsAfterDrain(bench) == [.finish, .retire])
            #expect(bench.broker.jobs.doneIDs == ["a"])
            #expect(bench.broker.jobs.pending() == ["b", "c"])
        }
    }

    @Test("a slot that becomes free in a drain stays free")
    func freedSlot() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers.held, slots: 1)
        bench.broker.push(["a", "b"])
        try await bench.run { bench in
            try await handlers.expectStarted("a")
            bench.drain()
            handlers.open()
            try await bench.expectEnded()
            #expect(bench.broker.jobs.doneIDs == ["a"])
            #expect(bench.broker.jobs.pending() == ["b"])
        }
    }

    @Test("a claim that waits for the broker is called off")
    func claimCalledOff() async throws {
        let bench = bench(HandlerDouble().held)
        bench.broker.next(.claim, .hold(Gate()))
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await bench.broker.expectCall(.claim)
            bench.drain()
            try await bench.expectEnded()
            #expect(bench.broker.jobs.pending() == ["a"])
            #expect(callsAfterDrain(bench) == [.retire])
        }
    }

    @Test("what a claim brings that was sent before is run to its end")
    func answerOnItsWay() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = bench(handlers.held)
        let gate = Gate(isStubborn: true)
        defer { gate.open() }
        bench.broker.next(.claim, .holdAnswer(gate))
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await bench.broker.expectCall(.claim)
            bench.drain()
            // Nothing runs, but it is not over yet.
            try await bench.clock.awaitSleeper(.seconds(31))
            #expect(!bench.ended.value)
            gate.open()
            try await bench.expectEnded()
            #expect(bench.broker.jobs.doneIDs == ["a"])
            #expect(callsAfterDrain(bench) == [.finish, .retire])
        }
    }

    @Test("what a claim brings after the time of the drain is given back unrun")
    func answerTooLate() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers.held)
        let gate = Gate(isStubborn: true)
        defer { gate.open() }
        bench.broker.next(.claim, .holdAnswer(gate))
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await bench.broker.expectCall(.claim)
            bench.drain()
            try await bench.clock.pass(.seconds(31))
            try await bench.clock.awaitSleeper(.seconds(11))
            gate.open()
            try await bench.expectEnded()
            #expect(handlers.state.value.started.isEmpty)
            #expect(bench.broker.jobs.pending() == ["a"])
            try await bench.expectEvents(of: "a", .released(reason: Workbench.stopReason))
            #expect(callsAfterDrain(bench) == [.finish, .retire])
        }
    }

    // MARK: - Running jobs

    @Test("running jobs finish and are written before it signs off")
    func runningJobsFinish() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers.held)
        bench.broker.push(["a", "b", "c"])
        try await bench.run { bench in
            try await handlers.expectStarted("a", "b")
            bench.drain()
            try await bench.clock.awaitSleeper(.seconds(31))
            bench.clock.advance(by: .seconds(30))
            handlers.open()
            try await bench.expectEnded()
            #expect(handlers.state.value.cancelled.isEmpty)
            #expect(bench.broker.jobs.doneIDs.sorted() == ["a", "b"])
            #expect(callsAfterDrain(bench) == [.finish, .retire])
            #expect(bench.log.records.value.isEmpty)
        }
    }

    @Test("a job that fails in a drain has used its attempt")
    func failsInDrain() async throws {
        let handlers = HandlerDouble()
        let gate = Gate()
        let handler = handlers.doing { _, _ in
            try await gate.pass()
            throw SkipRetry("no such user")
        }
        let bench = bench(handler)
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await handlers.expectStarted("a")
            bench.drain()
            gate.open()
            try await bench.expectEnded()
            #expect(bench.broker.jobs.dead() == ["a"])
        }
    }

    @Test("jobs that are not done in time are cancelled and given back, no attempt used")
    func overTime() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers.held)
        bench.broker.push(records: ["a", "b"].map { Sample.record($0, #""attempts":3"#) })
        try await bench.run { bench in
            try await handlers.expectStarted("a", "b")
            bench.drain()
            try await bench.clock.pass(.seconds(31))
            try await bench.expectEnded()
            #expect(handlers.state.value.cancelled.sorted() == ["a", "b"])
            #expect(bench.broker.jobs.pending().sorted() == ["a", "b"])
            for record in bench.broker.jobs.queues[.default]?.pending ?? [] {
                let envelope = try Sample.envelope(record)
                #expect(envelope.attempts == 3)
                #expect(envelope.released == 1)
                #expect(envelope.lastError == nil)
            }
            try await bench.expectEvents(of: "a", .released(reason: Workbench.stopReason))
            #expect(callsAfterDrain(bench) == [.finish, .retire])
        }
    }

    @Test("a handler that does not stop is left behind, and its job given back")
    func leftBehind() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers.stubborn)
        defer { handlers.open() }
        bench.broker.push(["a"])
        try await bench.run(gathersAtOnce: true) { bench in
            try await handlers.expectStarted("a")
            bench.drain()
            try await bench.clock.pass(.seconds(31))
            try await bench.clock.pass(.seconds(11))
            try await bench.expectEnded()
            #expect(handlers.state.value.running == 1)
            #expect(bench.broker.jobs.pending() == ["a"])
            try await bench.expectEvents(
                of: "a", .released(reason: "its handler did not stop in time"))
            #expect(callsAfterDrain(bench) == [.finish, .retire])
            // What it brings when the worker is gone is nobody's.
            handlers.open()
            try await handlers.state.expect("it has returned") { $0.running == 0 }
            #expect(bench.events.events.value.count == 1)
        }
    }

    @Test("a job that is done within the grace counts as done")
    func doneInGrace() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers.stubborn)
        defer { handlers.open() }
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await handlers.expectStarted("a")
            bench.drain()
            try await bench.clock.pass(.seconds(31))
            try await bench.clock.awaitSleeper(.seconds(11))
            handlers.open()
            try await bench.expectEnded()
            #expect(bench.broker.jobs.doneIDs == ["a"])
        }
    }

    @Test("a lease that is lost in a drain costs its jobs, not the end")
    func leaseLost() async throws {
        let handlers = HandlerDouble()
        var options = Self.options()
        options.lease = .seconds(15)
        let bench = WorkerBench(options, handler: handlers.held)
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await handlers.expectStarted("a")
            bench.drain()
            bench.broker.state.update { $0.jobs.declareLost(in: .default) }
            try await bench.clock.pass(.seconds(3))
            try await bench.expectEnded()
            #expect(handlers.state.value.cancelled == ["a"])
            #expect(callsAfterDrain(bench) == [.renewIdentity, .retire])
        }
    }

    @Test("a run that is cancelled ends at once, and leaves its jobs to be recovered")
    func cancelled() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers.stubborn)
        defer { handlers.open() }
        bench.broker.push(["a", "b"])
        try await bench.run { _ in try await handlers.expectStarted("a", "b") }
        #expect(bench.ended.value)
        #expect(bench.broker.state.value.count(of: .finish) == 0)
        #expect(bench.broker.state.value.count(of: .retire) == 0)
        #expect(bench.broker.jobs.active.count == 2)
    }
}
