import JobQueue
import Testing

@Suite("A worker that drains while its broker fails", .timeLimit(.minutes(5)))
struct WorkerSignOffTests {
    private static func options() -> WorkerOptions {
        var options = Sample.options()
        options.drainTimeout = .seconds(31)
        options.killGrace = .seconds(11)
        options.signOffLimit = .seconds(7)
        return options
    }

    private let handlers = HandlerDouble()

    private func bench(_ options: WorkerOptions = options()) -> WorkerBench {
        WorkerBench(options, handler: handlers.held)
    }

    private static let warning = "stopped without signing off"

    @Test("outcomes that cannot be written at first are written before it signs off")
    func failsAtFirst() async throws {
        let bench = bench()
        bench.broker.push(["a"])
        bench.broker.next(.finish, .fail(BrokerError.refused(reason: "MISCONF")))
        try await bench.run { bench in
            try await handlers.expectStarted("a")
            bench.drain()
            handlers.open()
            try await bench.clock.pass(.seconds(1))
            try await bench.expectEnded()
            #expect(bench.broker.jobs.doneIDs == ["a"])
            #expect(bench.broker.calls.last == .retire)
            #expect(bench.log.count(of: Self.warning) == 0)
        }
    }

    @Test("outcomes that cannot be written are left to be recovered when all time is over")
    func failsAlways() async throws {
        let bench = bench()
        bench.broker.push(["a"])
        bench.broker.next(.finish, .hold(Gate()))
        try await bench.run { bench in
            try await handlers.expectStarted("a")
            bench.drain()
            handlers.open()
            try await bench.broker.expectCall(.finish)
            try await bench.clock.pass(.seconds(31))
            try await bench.clock.pass(.seconds(11))
            try await bench.clock.pass(.seconds(7))
            try await bench.expectEnded()
            // Whoever holds a job does not sign off.
            #expect(bench.broker.state.value.count(of: .retire) == 0)
            #expect(bench.broker.jobs.active.count == 1)
            #expect(bench.log.count(of: Self.warning) == 1)
            #expect(bench.events.events.value.isEmpty)
        }
    }

    @Test("a broker that answers nothing at all does not keep it")
    func hangs() async throws {
        let bench = bench()
        for kind in [BrokerDouble.Kind.claim, .heartbeat, .finish, .retire] {
            bench.broker.next(kind, .hold(Gate()))
        }
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await bench.broker.expectCall(.claim)
            try await bench.broker.expectCall(.heartbeat)
            bench.drain()
            try await bench.broker.expectCall(.retire)
            try await bench.clock.pass(.seconds(7))
            try await bench.expectEnded()
            #expect(bench.log.count(of: Self.warning) == 1)
            #expect(bench.broker.jobs.pending() == ["a"])
        }
    }

    @Test("a claim that is never answered gives running jobs no more time, and is given up")
    func claimNeverAnswered() async throws {
        let bench = bench()
        let gate = Gate(isStubborn: true)
        defer { gate.open() }
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await handlers.expectStarted("a")
            bench.broker.next(.claim, .holdAnswer(gate))
            bench.broker.push(["b"])
            try await bench.broker.expectCall(.claim, number: 2)
            bench.drain()
            try await bench.clock.pass(.seconds(31))
            try await bench.broker.expectJobs("a is given back") { $0.pending() == ["a"] }
            try await bench.clock.pass(.seconds(11))
            try await bench.clock.pass(.seconds(7))
            // Told to, the broker lets the claim fail; nothing else could end the wait for it.
            try await bench.broker.expectCall(.abandon)
            gate.open()
            try await bench.expectEnded()
            #expect(bench.log.count(of: Self.warning) == 1)
            // What is left under its name is recovered.
            #expect(handlers.state.value.started == ["a"])
            #expect(bench.broker.state.value.count(of: .retire) == 0)
        }
    }

    @Test("a broker that refuses the sign-off is told of, and does not keep it")
    func signOffRefused() async throws {
        let bench = bench()
        bench.broker.next(.retire, .fail(BrokerError.refused(reason: "READONLY")))
        try await bench.run { bench in
            try await bench.broker.expectCall(.waitForWork)
            bench.drain()
            try await bench.expectEnded()
            #expect(bench.log.count(of: Self.warning) == 1)
        }
    }

    @Test("the sign-off is the last that the broker hears, even when it takes long")
    func lastCall() async throws {
        var options = Self.options()
        options.lease = .seconds(15)
        let bench = bench(options)
        let gate = Gate()
        bench.broker.next(.retire, .holdAnswer(gate))
        try await bench.run { bench in
            try await bench.broker.expectAnswer(.heartbeat)
            bench.drain()
            try await bench.broker.expectCall(.retire)
            // The time of the next heartbeat.
            try await bench.clock.pass(.seconds(3))
            gate.open()
            try await bench.expectEnded()
            #expect(bench.broker.calls.last == .retire)
            #expect(bench.broker.state.value.count(of: .heartbeat) == 1)
        }
    }

    @Test("a heartbeat that comes back lost after the sign-off is no loss")
    func lateLoss() async throws {
        let bench = bench()
        let (heartbeat, retire) = (Gate(), Gate())
        bench.broker.next(.heartbeat, .hold(heartbeat))
        bench.broker.next(.retire, .holdAnswer(retire))
        try await bench.run { bench in
            try await bench.broker.expectCall(.heartbeat)
            bench.drain()
            try await bench.broker.expectCall(.retire)
            bench.broker.state.update { $0.jobs.declareLost(in: .default) }
            heartbeat.open()
            retire.open()
            try await bench.expectEnded()
            #expect(bench.broker.calls.last == .retire)
            #expect(bench.log.records.value.isEmpty)
        }
    }

    @Test("the lease is kept as long as running jobs take to finish")
    func heartbeatsGoOn() async throws {
        var options = Self.options()
        options.lease = .seconds(15)
        let bench = bench(options)
        bench.broker.push(["a"])
        try await bench.run { bench in
            try await handlers.expectStarted("a")
            bench.drain()
            for number in 2...6 {
                try await bench.clock.pass(.seconds(3))
                try await bench.broker.expectAnswer(.heartbeat, number: number)
            }
            handlers.open()
            try await bench.expectEnded()
            #expect(bench.broker.jobs.doneIDs == ["a"])
        }
    }
}
