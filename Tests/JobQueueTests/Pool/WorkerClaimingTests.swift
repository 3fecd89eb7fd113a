import JobQueue
import Testing

@Suite("A worker that claims and runs jobs", .timeLimit(.minutes(5)))
struct WorkerClaimingTests {
    private static let a = Sample.queue("a")
    private static let b = Sample.queue("b")

    @Test(
        "jobs run on all slots, and never more at a time",
        arguments: [(3, 20), (120, 400)])  // A claim of 120 is read in parts.
    func allSlots(slots: Int, jobs: Int) async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Sample.options(slots: slots), handler: handlers.held)
        let ids = (1...jobs).map { "j\($0)" }
        bench.broker.push(ids)
        try await bench.run(gathersAtOnce: true) { bench in
            try await handlers.state.expect("all slots are busy") { $0.running == slots }
            #expect(bench.worker.workbench.occupancy == (slots, slots))
            handlers.open()
            try await bench.broker.expectJobs("all are done") { $0.done.count == ids.count }
            #expect(bench.broker.jobs.doneIDs.sorted() == ids.sorted())
        }
        #expect(handlers.state.value.peak == slots)
        #expect(handlers.state.value.started.count == ids.count)
    }

    @Test("it claims for free slots only, as many jobs as there are")
    func freeSlotsOnly() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Sample.options(slots: 2), handler: handlers.held)
        bench.broker.push(["a", "b", "c", "d"])
        try await bench.run { bench in
            try await handlers.expectStarted("a", "b")
            handlers.release("a")
            try await bench.clock.pass(Workbench.gatherTime)
            try await handlers.expectStarted("a", "b", "c")
            // Alone in its batch: nothing is waited for.
            handlers.release("c")
            try await handlers.expectStarted("a", "b", "c", "d")
            let claims = bench.broker.calls.filter { $0.kind == .claim }
            #expect(
                claims == [
                    .claim(.default, count: 2), .claim(.default, count: 1),
                    .claim(.default, count: 1),
                ])
        }
    }

    @Test("an empty queue is waited on, and a job that comes is run")
    func emptyQueue() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = WorkerBench(Sample.options(), handler: handlers.held)
        try await bench.run { bench in
            for round in 1...3 {
                try await bench.broker.expectCall(.waitForWork, number: round)
                bench.broker.push(["j\(round)"])
                try await bench.expectEvents(of: "j\(round)", .done)
            }
            try await bench.broker.expectCall(.waitForWork, number: 4)
            // One claim finds each queue empty, one finds each job and the queue empty behind it.
            #expect(bench.broker.state.value.count(of: .claim) == 4)
        }
    }

    @Test("a paused queue is waited on, and goes on when it is resumed")
    func pausedQueue() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = WorkerBench(Sample.options(), handler: handlers.held)
        bench.broker.push(["a"])
        bench.broker.state.update { $0.jobs.queues[.default]?.isPaused = true }
        try await bench.run { bench in
            try await bench.broker.expectCall(.waitForWork)
            #expect(bench.broker.state.value.count(of: .claim) == 1)
            #expect(handlers.state.value.started.isEmpty)
            bench.broker.state.update { $0.jobs.queues[.default]?.isPaused = false }
            try await bench.expectEvents(of: "a", .done)
        }
    }

    @Test("in strict order a queue is emptied before the next one is asked")
    func strictOrder() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = WorkerBench(
            Sample.options(slots: 1, queues: "a,b"), handler: handlers.held)
        bench.broker.push(["b1", "b2"], to: Self.b)
        bench.broker.push(["a1", "a2", "a3"], to: Self.a)
        try await bench.run { bench in
            try await handlers.state.expect("all have run") { $0.started.count == 5 }
            #expect(handlers.state.value.started == ["a1", "a2", "a3", "b1", "b2"])
        }
    }

    @Test("a job in the first queue is next, however many wait in the second")
    func strictOrderAgain() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(
            Sample.options(slots: 1, queues: "a,b"), handler: handlers.held)
        bench.broker.push(["b1", "b2"], to: Self.b)
        try await bench.run { bench in
            try await handlers.expectStarted("b1")
            bench.broker.push(["a1"], to: Self.a)
            // The watch over the first queue has seen it before the slot is free.
            try await bench.broker.expectAnswer(.waitForWork)
            handlers.open()
            try await handlers.state.expect("all have run") { $0.started.count == 3 }
            #expect(handlers.state.value.started == ["b1", "a1", "b2"])
        }
    }

    @Test("queues by weight get slots in proportion")
    func weights() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = WorkerBench(
            Sample.options(slots: 1, queues: "a:3,b:1"), random: .seeded(5),
            handler: handlers.held)
        bench.broker.push((1...400).map { "a\($0)" }, to: Self.a)
        bench.broker.push((1...400).map { "b\($0)" }, to: Self.b)
        try await bench.run { bench in
            try await handlers.state.expect("half have run") { $0.started.count >= 400 }
            let started = handlers.state.value.started.prefix(400)
            let share = started.count { $0.hasPrefix("a") }
            #expect((260...340).contains(share), "\(share)")
        }
    }

    @Test("a queue whose jobs are all running does not keep other queues from their slots")
    func otherQueueMeanwhile() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(
            Sample.options(slots: 3, queues: "a,b"), handler: handlers.held)
        bench.broker.push(["a1"], to: Self.a)
        bench.broker.push(["b1", "b2", "b3"], to: Self.b)
        try await bench.run { _ in
            try await handlers.expectStarted("a1", "b1", "b2")
        }
    }

    @Test("of a queue with a limit never more jobs run, the others get the slots, and all are done")
    func queueLimit() async throws {
        let handlers = HandlerDouble()
        var options = Sample.options(slots: 4, queues: "a,b")
        options.queueLimits = [Self.a: 1]
        let bench = WorkerBench(options, handler: handlers.held)
        bench.broker.push(["a1", "a2", "a3"], to: Self.a)
        bench.broker.push(["b1", "b2", "b3", "b4"], to: Self.b)
        try await bench.run(gathersAtOnce: true) { bench in
            try await handlers.expectStarted("a1", "b1", "b2", "b3")
            handlers.release("b1")
            try await handlers.expectStarted("a1", "b1", "b2", "b3", "b4")
            handlers.release("a1")
            try await handlers.expectStarted("a1", "a2", "b1", "b2", "b3", "b4")
            handlers.open()
            try await bench.broker.expectJobs("all are done") { $0.done.count == 7 }
        }
    }

    // MARK: - Troubles

    @Test("a queue that cannot be claimed from is told once and asked each second; others go on")
    func trouble() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = WorkerBench(Sample.options(queues: "a,b"), handler: handlers.held)
        let wrongType = BrokerError.refused(reason: "WRONGTYPE")
        bench.broker.next(.claim, .fail(wrongType))
        bench.broker.push(["a1"], to: Self.a)
        bench.broker.push(["b1"], to: Self.b)
        try await bench.run { bench in
            try await bench.expectEvents(of: "b1", .done)
            #expect(bench.worker.currentTroubles == [Self.a: wrongType.description])
            for _ in 1...3 {
                bench.broker.next(.claim, .fail(wrongType))
                try await bench.clock.pass(.seconds(1))
                try await bench.broker.state.expect("the queue is asked again") {
                    !$0.hasFaults(.claim)
                }
            }
            #expect(handlers.state.value.started == ["b1"])
            try await bench.clock.pass(.seconds(1))
            try await bench.expectEvents(of: "a1", .done)
            #expect(bench.worker.currentTroubles.isEmpty)
            #expect(bench.log.count(of: "cannot claim from queue a") == 1)
        }
    }

    @Test("another reason is told anew, and so is a trouble that comes back")
    func newTrouble() async throws {
        let bench = WorkerBench(Sample.options(), handler: HandlerDouble().held)
        bench.broker.next(.claim, .fail(BrokerError.refused(reason: "one")))
        try await bench.run { bench in
            try await bench.log.records.expect("told") { $0.count == 1 }
            bench.broker.next(.claim, .fail(BrokerError.refused(reason: "two")))
            try await bench.clock.pass(.seconds(1))
            try await bench.log.records.expect("told again") { $0.count == 2 }
            try await bench.clock.pass(.seconds(1))
            try await bench.broker.expectCall(.waitForWork)
            bench.broker.next(.claim, .fail(BrokerError.refused(reason: "two")))
            bench.broker.push(["a"])
            try await bench.log.records.expect("told a third time") { $0.count == 3 }
            let reasons = ["one", "two", "two"]
            for (record, reason) in zip(bench.log.records.value, reasons) {
                #expect(record.level == .error)
                #expect(record.message.contains(reason))
            }
        }
    }

    @Test("a queue that cannot be waited on is told once, and claimed from each second")
    func waitTrouble() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = WorkerBench(Sample.options(), handler: handlers.held)
        bench.broker.always(.waitForWork, BrokerError.refused(reason: "NOPERM"))
        try await bench.run { bench in
            for round in 1...4 {
                try await bench.broker.expectCall(.waitForWork, number: round)
                #expect(bench.worker.currentTroubles.count == 1)
                bench.broker.push(["j\(round)"])
                try await bench.clock.pass(.seconds(1))
                try await bench.expectEvents(of: "j\(round)", .done)
            }
            #expect(bench.log.records.value.count == 1)
            #expect(bench.log.count(of: "NOPERM") == 1)
            try await bench.broker.expectCall(.waitForWork, number: 5)
            bench.broker.always(.waitForWork, nil)
            try await bench.clock.pass(.seconds(1))
            try await bench.broker.expectCall(.waitForWork, number: 6)
            bench.broker.push(["last"])
            try await bench.expectEvents(of: "last", .done)
            #expect(bench.worker.currentTroubles.isEmpty)
        }
    }

    @Test("a queue that can be waited on again is in no trouble any more, though no job comes")
    func waitTroubleIsOver() async throws {
        let bench = WorkerBench(Sample.options(), handler: HandlerDouble().held)
        bench.broker.next(.waitForWork, .fail(BrokerError.refused(reason: "WRONGTYPE")))
        try await bench.run { bench in
            try await bench.clock.pass(.seconds(1))
            try await bench.broker.expectCall(.waitForWork, number: 2)
            #expect(bench.worker.currentTroubles.count == 1)
            // So long it is tried.
            try await bench.clock.pass(.milliseconds(500))
            try await bench.broker.expectCall(.waitForWork, number: 3)
            #expect(bench.worker.currentTroubles.isEmpty)
        }
    }

    // MARK: - Records that cannot run

    @Test("a record that cannot run is dead, and its neighbours run")
    func deadAtOnce() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Sample.options(slots: 3), handler: handlers.held)
        bench.broker.push(records: [
            Array("no json".utf8), Sample.record("a"), Sample.record("x", type: "unknown"),
        ])
        try await bench.run { bench in
            try await handlers.expectStarted("a")
            // The job beside them runs on; they do not wait for its end.
            try await bench.clock.pass(Workbench.gatherTime)
            try await bench.expectEvents(of: "x", .dead(reason: "no handler for type unknown"))
            #expect(bench.broker.jobs.queues[.default]?.dead.count == 2)
            // And the slots that they did not need take others.
            bench.broker.push(["b"])
            try await handlers.expectStarted("a", "b")
        }
    }

    @Test("a flood of records that cannot run is worked off")
    func floodOfDead() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = WorkerBench(Sample.options(slots: 2), handler: handlers.held)
        bench.broker.push(records: Array(repeating: Array("[]".utf8), count: 500))
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await bench.expectEvents(of: "a", .done)
            try await bench.broker.expectJobs("all are dead") {
                $0.queues[.default]?.dead.count == 500
            }
        }
    }

    @Test("what the loops are at can be seen")
    func progress() async throws {
        let bench = WorkerBench(Sample.options(), handler: HandlerDouble(isOpen: true).held)
        let (claim, finish) = (Gate(), Gate())
        bench.broker.next(.claim, .hold(claim))
        bench.broker.next(.finish, .hold(finish))
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await bench.broker.expectCall(.claim)
            let start = bench.clock.now
            #expect(bench.worker.currentProgress.claimingSince == start)
            #expect(bench.worker.currentProgress.writingSince == nil)
            bench.clock.advance(by: .seconds(1))
            claim.open()
            try await bench.broker.expectCall(.finish)
            try await bench.broker.expectCall(.waitForWork)
            #expect(bench.worker.currentProgress.claimingSince == nil)
            #expect(
                bench.worker.currentProgress.writingSince == start.advanced(by: .seconds(1)))
            finish.open()
            try await bench.expectEvents(of: "a", .done)
            #expect(bench.worker.currentProgress.writingSince == nil)
        }
    }
}
