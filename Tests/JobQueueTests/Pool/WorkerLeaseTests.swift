import JobQueue
import TestSupport
import Testing

@Suite("A worker that keeps its lease", .timeLimit(.minutes(5)))
struct WorkerLeaseTests {
    private static let a = Sample.queue("a")
    private static let b = Sample.queue("b")

    private static func options(slots: Int = 4, queues: String = "a,b") -> WorkerOptions {
        var options = Sample.options(slots: slots, queues: queues)
        options.lease = .seconds(15)
        return options
    }

    @Test("the lease is kept five times in its length, whether jobs run or not")
    func interval() async throws {
        let bench = WorkerBench(Self.options(), handler: HandlerDouble().held)
        bench.broker.push(["a1"], to: Self.a)
        try await bench.run { bench in
            for number in 1...5 {
                try await bench.broker.expectCall(.heartbeat, number: number)
                #expect(bench.worker.currentProgress.lastHeartbeat == bench.clock.now)
                try await bench.clock.pass(.seconds(3))
            }
            try await bench.broker.expectCall(.heartbeat, number: 6)
            #expect(bench.broker.state.value.count(of: .heartbeat) == 6)
        }
    }

    @Test("a heartbeat that fails is told, and tried again sooner; the work goes on")
    func failedHeartbeat() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = WorkerBench(Self.options(), handler: handlers.held)
        bench.broker.next(.heartbeat, .fail(BrokerError.refused(reason: "BUSY")))
        try await bench.run { bench in
            try await bench.clock.pass(.seconds(1))
            try await bench.broker.expectAnswer(.heartbeat)
            #expect(bench.worker.currentProgress.lastHeartbeat == bench.clock.now)
            #expect(bench.log.count(of: "a heartbeat failed: the broker refused: BUSY") == 1)
            bench.broker.push(["a1"], to: Self.a)
            try await bench.expectEvents(of: "a1", .done)
        }
    }

    @Test("heartbeats that are refused again and again are told once, and the worker is not stuck")
    func refusedHeartbeats() async throws {
        let bench = WorkerBench(Self.options(), handler: HandlerDouble().held)
        let full = BrokerError.refused(reason: "MISCONF the disk is full")
        for _ in 1...3 { bench.broker.next(.heartbeat, .fail(full)) }
        try await bench.run { bench in
            for number in 1...3 {
                try await bench.broker.expectCall(.heartbeat, number: number)
                try await bench.clock.pass(.seconds(1))
                let progress = bench.worker.currentProgress
                #expect(bench.worker.refusals.all == ["cannot keep the lease: \(full)"])
                #expect(bench.clock.now.since(progress.lastHeartbeat) <= .seconds(1))
            }
            try await bench.broker.expectAnswer(.heartbeat)
            await eventually { bench.worker.refusals.all.isEmpty }
            #expect(bench.log.count(of: "a heartbeat failed") == 1)
        }
    }

    @Test("with a short lease a failed heartbeat is tried again within it")
    func shortLease() async throws {
        var options = Self.options()
        options.lease = .seconds(2)
        let bench = WorkerBench(options, handler: HandlerDouble().held)
        bench.broker.next(.heartbeat, .fail(BrokerError.refused(reason: "BUSY")))
        try await bench.run { bench in
            try await bench.clock.pass(.milliseconds(200))
            try await bench.broker.expectAnswer(.heartbeat)
        }
    }

    @Test("a heartbeat that hangs holds up neither claims nor outcomes")
    func hangingHeartbeat() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let bench = WorkerBench(Self.options(), handler: handlers.held)
        bench.broker.next(.heartbeat, .hold(Gate()))
        bench.broker.push(["a1"], to: Self.a)
        try await bench.run { bench in
            try await bench.expectEvents(of: "a1", .done)
        }
    }

    @Test(
        "when the lease is lost its queue's jobs are dropped, others' given back, and work goes on")
    func lostByHeartbeat() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Self.options(), handler: handlers.held)
        bench.broker.push(["a1", "a2"], to: Self.a)
        bench.broker.push(["b1"], to: Self.b)
        try await bench.run(gathersAtOnce: true) { bench in
            try await handlers.expectStarted("a1", "a2", "b1")
            bench.broker.state.update { $0.jobs.declareLost(in: Self.a) }
            // While nobody may claim, what becomes of the three can be seen.
            let gate = Gate()
            bench.broker.next(.claim, .hold(gate))
            try await bench.clock.pass(.seconds(3))
            try await handlers.state.expect("all were cancelled") { $0.cancelled.count == 3 }
            try await bench.broker.expectJobs("b1 is given back") { $0.pending(Self.b) == ["b1"] }
            #expect(bench.broker.jobs.pending(Self.a).sorted() == ["a1", "a2"])
            try await bench.expectEvents(
                of: "b1", .released(reason: "the worker lost its lease in queue a"))
            let record = try #require(bench.broker.jobs.queues[Self.b]?.pending.first)
            #expect(try Sample.envelope(record).attempts == 0)
            // Nothing is said or written of the jobs that are others' now.
            #expect(bench.events.events.value.count == 1)
            #expect(bench.broker.state.value.batches.joined().count == 1)

            #expect(
                bench.log.records.value.count { $0.messageID == .leaseLost } == 1)
            #expect(bench.broker.state.value.count(of: .renewIdentity) == 1)
            gate.open()
            handlers.open()
            try await bench.broker.expectJobs("all are done under the new identity") {
                $0.doneIDs.sorted() == ["a1", "a2", "b1"]
            }
            #expect(bench.broker.jobs.worker == Sample.worker(2))
        }
    }

    @Test("a lease that is lost is found out by a claim as well")
    func lostByClaim() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Self.options(slots: 2, queues: "a"), handler: handlers.held)
        bench.broker.push(["a1"], to: Self.a)
        try await bench.run(gathersAtOnce: true) { bench in
            try await handlers.expectStarted("a1")
            // Back in the queue, it wakes the watch, and the claim is refused.
            bench.broker.state.update { $0.jobs.declareLost(in: Self.a) }
            try await handlers.state.expect("it was cancelled") { $0.cancelled == ["a1"] }
            handlers.open()
            try await bench.broker.expectJobs("it is done") { $0.doneIDs == ["a1"] }
            #expect(handlers.state.value.started == ["a1", "a1"])
            #expect(bench.log.records.value.count { $0.messageID == .leaseLost } == 1)
        }
    }

    @Test("one loss that is found out twice brings one new identity")
    func foundOutTwice() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Self.options(slots: 2, queues: "a"), handler: handlers.held)
        let (claim, heartbeat) = (Gate(), Gate())
        bench.broker.next(.claim, .holdAnswer(claim))
        bench.broker.next(.heartbeat, .holdAnswer(heartbeat))
        bench.broker.state.update { $0.jobs.declareLost(in: Self.a) }
        try await bench.run { bench in
            try await bench.broker.expectCall(.claim)
            try await bench.broker.expectCall(.heartbeat)
            claim.open()
            try await bench.broker.expectAnswer(.claim)
            bench.broker.push(["a1"], to: Self.a)
            try await handlers.expectStarted("a1")
            heartbeat.open()
            try await bench.broker.expectAnswer(.heartbeat)
            #expect(bench.broker.state.value.count(of: .renewIdentity) == 2)
            #expect(bench.broker.jobs.worker == Sample.worker(2))
            #expect(bench.log.records.value.count { $0.messageID == .leaseLost } == 1)
            // The second discovery does not touch what runs under the new identity.
            #expect(handlers.state.value.cancelled.isEmpty)
            handlers.open()
            try await bench.expectEvents(of: "a1", .done)
        }
    }

    @Test(
        "a handler that finished its work all the same has nothing to write when the lease is lost")
    func finishedAllTheSame() async throws {
        let handlers = HandlerDouble()
        let bench = WorkerBench(Self.options(slots: 1, queues: "a"), handler: handlers.stubborn)
        defer { handlers.open() }
        bench.broker.push(["a1"], to: Self.a)
        try await bench.run { bench in
            try await handlers.expectStarted("a1")
            bench.broker.state.update { $0.jobs.declareLost(in: Self.a) }
            try await bench.clock.pass(.seconds(3))
            try await bench.log.records.expect("the loss is told") { !$0.isEmpty }
            handlers.release("a1")
            // It runs again; only that run counts.
            try await bench.expectEvents(of: "a1", .done)
            #expect(handlers.state.value.started == ["a1", "a1"])
            #expect(bench.broker.jobs.doneIDs == ["a1"])
            #expect(bench.broker.state.value.batches.count == 1)
        }
    }
}
