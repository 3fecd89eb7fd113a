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

    @Test("a backlog of its jobs is set aside once, holds up no others, and then costs nothing")
    func backlog() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers)
        bench.broker.push(["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"])
        bench.broker.push(records: ["o1", "o2"].map { Sample.record($0, type: "other") })
        try await bench.run(gathersAtOnce: true) { bench in
            try await handlers.expectStarted("a1", "a2", "o1", "o2")
            try await bench.broker.expectJobs("the rest is aside") {
                $0.aside("work") == ["a3", "a4", "a5", "a6", "a7", "a8"]
            }
            handlers.release("o1")
            try await bench.expectEvents(of: "o1", .done)
            try await bench.broker.expectCall(.waitForWork)
            let calls = bench.broker.calls.count
            // It is asked what is aside, again and again.
            for _ in 0..<3 { try await bench.clock.pass(Worker.asideLookInterval) }
            #expect(bench.broker.calls.dropFirst(calls).allSatisfy { $0 == .heartbeat })
            #expect(bench.events.kinds(of: "a5").isEmpty)
        }
    }

    @Test("when a place is free the oldest of its jobs that wait aside has it")
    func succession() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers)
        bench.broker.push(["a1", "a2", "a3", "a4"])
        try await bench.run(gathersAtOnce: true) { bench in
            try await bench.broker.expectJobs("two are aside") {
                $0.aside("work") == ["a3", "a4"]
            }
            handlers.release("a1")
            try await handlers.expectStarted("a1", "a2", "a3")
            handlers.open()
            try await bench.broker.expectJobs("all are done") { $0.doneIDs.count == 4 }
            #expect(handlers.state.value.peak == 2)
            #expect(handlers.state.value.started.count == 4)
        }
    }

    @Test("what others have put aside runs where there is a place, or no limit, or no handler")
    func learned() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = bench(handlers)
        bench.broker.state.update { state in
            state.jobs.queues[.default, default: .init()].aside = [
                Sample.type("work"): [Sample.record("a1")],
                Sample.type("other"): [Sample.record("o1", type: "other")],
                Sample.type("gone"): [Sample.record("g1", type: "gone")],
            ]
        }
        try await bench.run(gathersAtOnce: true) { bench in
            try await bench.broker.expectJobs("all have ended") {
                Set($0.doneIDs) == ["a1", "o1"] && $0.dead() == ["g1"]
            }
        }
    }

    @Test("a drain leaves aside what waits there, and lets the others finish")
    func drain() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers)
        bench.broker.push(["a1", "a2", "a3", "a4"])
        try await bench.run(gathersAtOnce: true) { bench in
            try await bench.broker.expectJobs("two are aside") {
                $0.aside("work") == ["a3", "a4"]
            }
            bench.drain()
            handlers.open()
            try await bench.expectEnded()
            #expect(bench.broker.jobs.doneIDs.sorted() == ["a1", "a2"])
            #expect(bench.broker.jobs.aside("work") == ["a3", "a4"])
            #expect(handlers.state.value.started.count == 2)
        }
    }

    @Test("what a claim brings in a drain beyond the limit goes aside")
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
            #expect(bench.broker.jobs.aside("work") == ["a3", "a4"])
            #expect(bench.broker.jobs.pending() == ["a5"])
        }
    }

    @Test("in a strict order a queue of its jobs alone leaves the other queues their turns")
    func strictOrder() async throws {
        let handlers = HandlerDouble()
        let bench = bench(handlers, queues: "a,b")
        bench.broker.push((1...100).map { "a\($0)" }, to: Self.a)
        bench.broker.push(
            records: (1...2).map { Sample.record("b\($0)", type: "other") }, to: Self.b)
        try await bench.run(gathersAtOnce: true) { bench in
            try await handlers.state.expect("both of b run") {
                $0.started.contains("b1") && $0.started.contains("b2")
            }
            #expect(bench.broker.jobs.pending(Self.a).count > 80)
        }
    }
}
