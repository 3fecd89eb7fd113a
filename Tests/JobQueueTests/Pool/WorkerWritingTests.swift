import JobQueue
import TestSupport
import Testing

@Suite("A worker that writes outcomes", .timeLimit(.minutes(5)))
struct WorkerWritingTests {
    private static let full = BrokerError.refused(reason: "MISCONF the disk is full")

    @Test("outcomes that cannot be written are kept, told once and sent again until they are")
    func keptAndSentAgain() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = WorkerBench(Sample.options(), handler: handlers.held)
        bench.broker.always(.finish, Self.full)
        bench.broker.push(["a"])
        try await bench.run { bench in
            for round in 1...4 {
                try await bench.broker.expectCall(.finish, number: round)
                try await bench.clock.awaitSleeper(.seconds(1))
                if round == 4 { bench.broker.always(.finish, nil) }
                bench.clock.advance(by: .seconds(1))
            }
            try await bench.expectEvents(of: "a", .done)
            #expect(bench.broker.jobs.doneIDs == ["a"])
            // The first time for the first time, and then as what may have been written.
            let batches = bench.broker.state.value.batches
            #expect(
                batches.map { $0.map(\.isReplay) } == [[false], [true], [true], [true], [true]])
            #expect(Set(batches.map { $0.map(\.token) }).count == 1)
            #expect(bench.log.count(of: "cannot write 1 outcomes") == 1)
            #expect(handlers.state.value.started == ["a"])
        }
    }

    @Test("while outcomes cannot be written jobs run on up to a bound, and none is lost")
    func bounded() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = WorkerBench(Sample.options(slots: 1), handler: handlers.held)
        let ids = (1...150).map { "j\($0)" }
        // Two for each slot, and a batch of 64.
        let bound = 2 * 1 + 64
        bench.broker.always(.finish, Self.full)
        bench.broker.push(ids)
        try await bench.run { bench in
            try await handlers.state.expect("as many as may have run") {
                $0.started.count == bound && $0.running == 0
            }
            for _ in 1...5 { try await bench.clock.pass(.seconds(1)) }
            try await bench.clock.awaitSleeper(.seconds(1))
            #expect(handlers.state.value.started.count == bound)
            #expect(bench.broker.state.value.count(of: .claim) == bound)
            #expect(bench.broker.jobs.pending().count == ids.count - bound)

            bench.broker.always(.finish, nil)
            try await bench.clock.pass(.seconds(1))
            try await bench.broker.expectJobs("all are done") { $0.done.count == ids.count }
            #expect(bench.broker.jobs.doneIDs.sorted() == ids.sorted())
            #expect(bench.broker.jobs.total == ids.count)
            try await bench.events.events.expect("all were told") { $0.count == ids.count }
            #expect(bench.events.events.value.allSatisfy { $0.kind == .done })
        }
    }

    @Test("a queue whose outcomes cannot be written holds up no other, and is not claimed from")
    func oneQueue() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let mail = Sample.queue("mail")
        let schedule = QueueSchedule(strict: [.default, mail])
        let bench = WorkerBench(
            WorkerOptions(slots: 1, schedule: schedule), handler: handlers.held)
        let wrong = BrokerError.refused(reason: "WRONGTYPE")
        bench.broker.state.update { $0.jobs.broken = [.default: wrong] }
        bench.broker.push(["a"])
        try await bench.run(gathersAtOnce: true) { bench in
            try await bench.log.records.expect("told") { $0.count == 1 }
            #expect(bench.worker.currentTroubles[.default]?.contains("WRONGTYPE") == true)
            bench.broker.push(["b"])
            bench.broker.state.update { $0.jobs.push([Sample.record("m")], to: mail) }
            try await bench.expectEvents(of: "m", .done)
            // Nobody knows what would become of it, so it waits.
            #expect(bench.broker.jobs.pending() == ["b"])
            for _ in 1...2 { try await bench.clock.pass(.seconds(1)) }
            try await bench.clock.awaitSleeper(.seconds(1))
            #expect(handlers.state.value.started == ["a", "m"])

            bench.broker.state.update { $0.jobs.broken = [:] }
            try await bench.clock.pass(.seconds(1))
            try await bench.expectEvents(of: "a", .done)
            try await bench.expectEvents(of: "b", .done)
            #expect(bench.broker.jobs.doneIDs == ["m", "a", "b"])
            #expect(bench.log.count(of: "cannot write outcomes of queue default") == 1)
            #expect(bench.worker.currentTroubles.isEmpty)
        }
    }

    @Test("an outcome whose answer was lost is written once, and told as refused the second time")
    func lostAnswer() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = WorkerBench(Sample.options(), handler: handlers.held)
        bench.broker.next(.finish, .loseAnswer(BrokerError.outcomeUnknown(reason: "cut")))
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await bench.clock.pass(.seconds(1))
            try await bench.expectEvents(of: "a", .refused)
            #expect(bench.broker.jobs.doneIDs == ["a"])
            #expect(bench.broker.jobs.total == 1)
            #expect(handlers.state.value.started == ["a"])
        }
    }

    @Test("an outcome that comes after the lease was lost is refused and told so")
    func refused() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Sample.options(slots: 2), handler: handlers.held)
        bench.broker.push(["a", "b"])
        try await bench.run { bench in
            try await handlers.expectStarted("a", "b")
            // One job was taken away; its handler does not know.
            bench.broker.state.update { state in
                state.jobs.takeAway("a")
            }
            handlers.open()
            try await bench.expectEvents(of: "a", .refused)
            try await bench.expectEvents(of: "b", .done)
            #expect(bench.events.events.value.allSatisfy { $0.attempt == 1 })
            #expect(bench.broker.jobs.doneIDs == ["b"])
        }
    }

    @Test("outcomes that come while others are on their way leave together with the next batch")
    func nextBatch() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = WorkerBench(Sample.options(slots: 1), handler: handlers.held)
        let gate = Gate()
        bench.broker.next(.finish, .holdAnswer(gate))
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await bench.broker.expectCall(.finish)
            bench.broker.push(["b", "c"])
            try await handlers.state.expect("all have run") { $0.started.count == 3 }
            await eventually(equals: 0, "all outcomes are there") {
                bench.worker.workbench.occupancy.busy
            }
            gate.open()
            try await bench.broker.expectJobs("all are done") { $0.doneIDs == ["a", "b", "c"] }
            #expect(bench.broker.state.value.batches.map(\.count) == [1, 2])
        }
    }

    @Test("outcomes do not wait for a claim that is held up")
    func claimHeldUp() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Sample.options(slots: 2), handler: handlers.held)
        let gate = Gate()
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await handlers.expectStarted("a")
            bench.broker.next(.claim, .hold(gate))
            bench.broker.push(["b"])
            try await bench.broker.expectCall(.claim, number: 2)
            handlers.release("a")
            try await bench.expectEvents(of: "a", .done)
            gate.open()
            try await handlers.expectStarted("a", "b")
        }
    }
}
