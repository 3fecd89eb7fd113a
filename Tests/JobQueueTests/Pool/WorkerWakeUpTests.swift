import JobQueue
import Testing

@Suite("A worker whose wake-ups bring jobs", .timeLimit(.minutes(5)))
struct WorkerWakeUpTests {
    @Test("a job that comes along starts without a claim, and the queue is waited on again")
    func withoutClaim() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = Self.bench(Sample.options(slots: 10), handlers)
        try await bench.run { bench in
            for round in 1...3 {
                try await bench.broker.expectCall(.waitForWork, number: round)
                bench.broker.push(["j\(round)"])
                try await bench.expectEvents(of: "j\(round)", .done)
            }
            try await bench.broker.expectCall(.waitForWork, number: 4)
            #expect(bench.broker.state.value.count(of: .claim) == 1)
        }
    }

    @Test("where more lie there than may come along, the rest is claimed")
    func rest() async throws {
        let handlers = HandlerDouble()
        let bench = Self.bench(Sample.options(slots: 10), handlers)
        try await bench.run { bench in
            try await bench.broker.expectCall(.waitForWork)
            bench.broker.push((1...6).map { "j\($0)" })
            try await handlers.state.expect("all run") { $0.running == 6 }
            #expect(
                bench.broker.state.value.calls(of: .claim)
                    == [.claim(.default, count: 10), .claim(.default, count: 6)])
            handlers.open()
        }
    }

    @Test("where another job has taken the slot meanwhile it goes back to the head at once")
    func slotIsTaken() async throws {
        let handlers = HandlerDouble()
        let mail = Sample.queue("mail")
        let bench = Self.bench(
            WorkerOptions(slots: 1, schedule: QueueSchedule(strict: [.default, mail])), handlers)
        let gates = [Gate(), Gate()]
        bench.broker.next(.waitForWork, .holdAnswer(gates[0]), .holdAnswer(gates[1]))
        try await bench.run(gathersAtOnce: true) { bench in
            // Both waits hold a job before the worker hears of the first.
            try await bench.broker.expectCall(.waitForWork, number: 2)
            bench.broker.push(["a"])
            bench.broker.push(["b"], to: mail)
            try await bench.broker.expectJobs("both came along") { $0.active.count == 2 }
            gates[0].open()
            try await handlers.state.expect("one runs") { $0.running == 1 }
            gates[1].open()
            try await bench.broker.expectJobs("the other is back") { $0.active.count == 1 }
            let other = handlers.state.value.started == ["a"] ? "b" : "a"
            #expect(bench.events.kinds(of: other) == [.released(reason: Self.noSlot)])
            #expect(bench.broker.jobs.pending(other == "a" ? .default : mail) == [other])
            handlers.open()
            try await bench.broker.expectJobs("both are done") { $0.done.count == 2 }
        }
    }

    @Test("one that comes while a drain begins goes back, before the worker signs off")
    func drain() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = Self.bench(Sample.options(), handlers)
        let gate = Gate(isStubborn: true)
        bench.broker.next(.waitForWork, .holdAnswer(gate))
        try await bench.run(gathersAtOnce: true) { bench in
            try await bench.broker.expectCall(.waitForWork)
            bench.broker.push(["a"])
            try await bench.broker.expectJobs("it came along") { $0.active.count == 1 }
            bench.drain()
            gate.open()
            try await bench.expectEnded()
            #expect(bench.events.kinds(of: "a") == [.released(reason: Self.noSlot)])
            #expect(bench.broker.jobs.pending() == ["a"])
            #expect(bench.broker.jobs.active.isEmpty)
            #expect(handlers.state.value.started.isEmpty)
            #expect(bench.broker.calls.last == .retire)
        }
    }

    private static let noSlot = "no slot was open to it when it came"

    private static func bench(_ options: WorkerOptions, _ handlers: HandlerDouble) -> WorkerBench {
        let bench = WorkerBench(options, handler: handlers.held)
        bench.broker.state.update { $0.wakeUpsBringJobs = true }
        return bench
    }
}
