import TestSupport
import Testing

@Suite("F8 Redis does what it was asked, and its answer is lost")
struct F8LostAnswerTests {
    /// Which claim it is.
    enum Claim: CaseIterable {
        /// The daemon's first one, for which it does not wait.
        case first
        /// The one that goes behind its first wait.
        case behindWait

        /// The second is sent when the first has found nothing.
        var exchange: MessageProxy.Exchange { .init("claim", self == .first ? 1 : 2) }
    }

    @Test(
        "a claim: the jobs are taken up after the reconnect, and each runs once",
        arguments: Claim.allCases)
    func claim(_ claim: Claim) async throws {
        let bench = try await FaultBench()
        if claim == .first { try bench.enqueue(FaultBench.slots, "job") }
        let (proxy, _) = try await Self.start(
            bench, failing: .cut(.beforeReply, all: false), at: claim.exchange)
        if claim == .behindWait {
            try await proxy.wait { $0.exchanges.contains(claim.exchange) }
            #expect(!proxy.record.hasFailed)
            try bench.enqueue(FaultBench.slots, "job")
        }
        try await proxy.wait { $0.hasFailed }
        try await bench.expectKept(duplicatesAllowed: 0)
        #expect(try bench.total("recovered") == 0)
    }

    @Test(
        "a claim that Redis carries out only when the daemon has a new connection: it is refused",
        arguments: Claim.allCases)
    func lateClaim(_ claim: Claim) async throws {
        let bench = try await FaultBench()
        let gate = try FileGate()
        var first: [String] = []
        if claim == .first { first = try bench.enqueue(1, "first", payload: gate.wait) }
        let (proxy, _) = try await Self.start(
            bench, ["--concurrency", "1"], failing: .orphanRequest, at: claim.exchange)
        try await proxy.wait { $0.hasFailed }
        if claim == .behindWait { first = try bench.enqueue(1, "first", payload: gate.wait) }
        await eventually("it is claimed anew") { bench.effects.started == first }
        // The one slot is taken: nobody but the late claim could take this one.
        try bench.enqueue(1, "second")
        try await proxy.release()
        #expect(try bench.redis.command(["LLEN", "jq:{default}:pending"]).integer == 1)
        try gate.open()
        try await bench.expectKept(duplicatesAllowed: 0)
    }

    @Test(
        "an outcome: it is sent again, and counts once",
        arguments: [
            ("{}", "done"), (#"{"skip":"told to"}"#, "dead"), (#"{"fail_first":1}"#, "retried"),
        ])
    func outcome(payload: String, counter: String) async throws {
        let bench = try await FaultBench()
        let (proxy, _) = try await Self.start(bench)
        proxy.fail(.cut(.beforeReply, all: false), at: proxy.next("finish"))
        try bench.enqueue(1, "job", payload: payload)
        try await proxy.wait { $0.hasFailed }
        try await bench.expectKept(duplicatesAllowed: 0) { $0 == "told to" }
        #expect(try bench.total(counter) == 1)
    }

    @Test("an enqueue: the caller is told that it is not known, and the job runs once")
    func enqueue() async throws {
        let bench = try await FaultBench()
        let (proxy, daemon) = try await Self.start(bench)
        proxy.fail(.cut(.beforeReply, all: false), at: proxy.next("RPUSH"))
        let answer = try await daemon.control("enqueue", "--type", "test:job")
        #expect(answer.status == .exited(1))
        #expect(answer.errors.contains { $0.contains("may or may not") }, "\(answer)")
        await eventually(equals: 1) { bench.effects.ended.count }
        bench.answered(bench.effects.ended)
        try await bench.expectKept(duplicatesAllowed: 0)
    }

    @Test("an enqueue with an id of its own: it is sent again, and the job runs once")
    func enqueueWithID() async throws {
        let bench = try await FaultBench()
        let (proxy, daemon) = try await Self.start(bench)
        proxy.fail(.cut(.beforeReply, all: false), at: proxy.next("enqueue"))
        try await daemon.done("enqueue", "--type", "test:job", "--id", "t-own")
        #expect(proxy.record.hasFailed)
        bench.answered(["t-own"])
        try await bench.expectKept(duplicatesAllowed: 0)
    }

    /// A daemon with a lease that does not end here: whatever runs again was not given back by anybody
    /// else. Unless something fails before that, it has found nothing and waits.
    private static func start(
        _ bench: FaultBench, _ arguments: [String] = [], failing fault: MessageProxy.Fault? = nil,
        at exchange: MessageProxy.Exchange? = nil
    ) async throws -> (MessageProxy, DaemonProcess) {
        let proxy = try MessageProxy(to: bench.redis.socketAddress, failing: fault, at: exchange)
        let daemon = try await bench.daemon(
            address: proxy.address, ["--lease", "1h"] + arguments)
        try await proxy.wait { $0.hasFailed || $0.exchanges.contains { $0.name == "BLMOVE" } }
        return (proxy, daemon)
    }
}

extension MessageProxy {
    /// The next exchange of this name.
    fileprivate func next(_ name: String) -> Exchange { Exchange(name, count(of: name) + 1) }
}
