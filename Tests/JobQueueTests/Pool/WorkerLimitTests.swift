import JobQueue
import TestSupport
import Testing

@Suite("A worker whose handler may run only two jobs at once", .timeLimit(.minutes(5)))
struct WorkerLimitTests {
    private static let a = Sample.queue("a")
    private static let b = Sample.queue("b")

    private func bench(_ handlers: HandlerDouble, queues: String = "default") -> WorkerBench {
        var options = Sample.options(slots: 4, queues: queues)
        options.lease = .seconds(15)
        return WorkerBench(options, concurrency: 2, handler: handlers.held)
    }

    @Test("a backlog of its jobs holds up no others, and what is put off comes half a second later")
    func backlog() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers)
        bench.broker.push(["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"])
        bench.broker.push(records: ["o1", "o2"].map { Sample.record($0, type: "other") })
        try await bench.run { bench in
            // Two run, two are parked, two are put off in each of two further claims.
            try await bench.clock.awaitSleeper(Workbench.gatherTime)
            try await bench.clock.pass(Workbench.pauseAfterPostponing)
            try await bench.broker.expectJobs("four are put off") { $0.scheduled().count == 4 }
            try await bench.clock.pass(Workbench.pauseAfterPostponing)
            try await handlers.expectStarted("a1", "a2", "o1", "o2")
            let scheduled = bench.broker.jobs.queues[.default]?.scheduled ?? []
            #expect(scheduled.allSatisfy { $0.delay == .milliseconds(500) })
            #expect(Set(bench.broker.jobs.scheduled()) == ["a5", "a6", "a7", "a8"])
            try await bench.expectEvents(of: "a5", .postponed(after: .milliseconds(500)))
            #expect(bench.broker.state.value.count(of: .claim) == 4)
        }
    }

    @Test("the slot that it leaves goes to the next of its jobs at once, without a claim")
    func succession() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers)
        bench.broker.push(["a1", "a2", "a3", "a4"])
        try await bench.run(gathersAtOnce: true) { bench in
            try await handlers.expectStarted("a1", "a2")
            bench.broker.always(.claim, BrokerError.refused(reason: "BUSY"))
            handlers.release("a1")
            try await handlers.expectStarted("a1", "a2", "a3")
            handlers.open()
            try await bench.broker.expectJobs("all are done") { $0.doneIDs.count == 4 }
            #expect(handlers.state.value.peak == 2)
            #expect(handlers.state.value.started.count == 4)
        }
    }

    @Test("a drain gives back at once what is parked, and lets the others finish")
    func drain() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers)
        bench.broker.push(["a1", "a2", "a3", "a4"])
        try await bench.run(gathersAtOnce: true) { bench in
            try await bench.broker.expectAnswer(.claim)
            try await handlers.expectStarted("a1", "a2")
            bench.drain()
            try await bench.broker.expectJobs("both are back") {
                Set($0.pending()) == ["a3", "a4"]
            }
            try await bench.expectEvents(of: "a3", .released(reason: Workbench.busyReason))
            #expect(!bench.ended.value)
            handlers.open()
            try await bench.expectEnded()
            #expect(bench.broker.jobs.doneIDs.sorted() == ["a1", "a2"])
            #expect(handlers.state.value.started.count == 2)
            for record in bench.broker.jobs.queues[.default]?.pending ?? [] {
                #expect(try Sample.envelope(record).attempts == 0)
            }
        }
    }

    @Test("what a claim brings in a drain beyond the limit goes back to the head of the line")
    func answerOnItsWay() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = bench(handlers)
        let gate = Gate(isStubborn: true)
        defer { gate.open() }
        bench.broker.next(.claim, .holdAnswer(gate))
        bench.broker.push(["a1", "a2", "a3", "a4", "a5"])
        try await bench.run(gathersAtOnce: true) { bench in
            try await bench.broker.expectCall(.claim)
            bench.drain()
            gate.open()
            try await bench.expectEnded()
            #expect(bench.broker.jobs.doneIDs.sorted() == ["a1", "a2"])
            #expect(Set(bench.broker.jobs.pending().prefix(2)) == ["a3", "a4"])
            #expect(bench.broker.jobs.pending().count == 3)
        }
    }

    @Test("of what is parked, jobs of a queue whose lease is lost are dropped, others' given back")
    func lostLease() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers, queues: "a,b")
        bench.broker.push(["a1", "a2", "a3"], to: Self.a)
        bench.broker.push(["b1"], to: Self.b)
        try await bench.run(gathersAtOnce: true) { bench in
            try await handlers.expectStarted("a1", "a2")
            try await bench.broker.expectJobs("all are claimed") { $0.active.count == 4 }
            try await bench.broker.expectCall(.waitForWork, number: 2)
            // While nobody may claim, what becomes of them can be seen.
            let gate = Gate()
            bench.broker.next(.claim, .hold(gate))
            bench.broker.state.update { $0.jobs.declareLost(in: Self.a) }
            try await bench.clock.pass(.seconds(3))
            try await handlers.state.expect("both were cancelled") { $0.cancelled.count == 2 }
            try await bench.broker.expectJobs("b1 is given back") { $0.pending(Self.b) == ["b1"] }
            #expect(bench.broker.jobs.pending(Self.a).sorted() == ["a1", "a2", "a3"])
            #expect(bench.broker.state.value.batches.joined().count == 1)
            #expect(handlers.state.value.started.count == 2)
            // Before both have left, nothing would be parked behind them, and one be put off.
            await eventually { bench.worker.workbench.occupancy.busy == 0 }
            handlers.open()
            gate.open()
            try await bench.broker.expectJobs("all are done under the new identity") {
                Set($0.doneIDs) == ["a1", "a2", "a3", "b1"]
            }
        }
    }
}
