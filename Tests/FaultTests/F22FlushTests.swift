import TestSupport
import Testing

@Suite("F22 All of Redis's data is deleted while jobs run")
struct F22FlushTests {
    @Test("late outcomes are refused without a fuss, and new jobs are run")
    func flushAll() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let effects = try EffectFile()
        let (early, late) = (try FileGate(), try FileGate())
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--lease", "1s"], effects: effects)
        try queue.push((0..<4).map { Array(BareQueue.job("early-\($0)", early.wait).utf8) })
        try queue.push(BareQueue.job("late", late.block()))
        await eventually(equals: 5) { effects.started.count }

        try redis.command(["FLUSHALL"])
        // These end before the daemon knows, or are told to stop; the other one is not to be stopped.
        try early.open()
        let new = (0..<50).map { "new-\($0)" }
        try queue.push(new.map { Array(BareQueue.job($0).utf8) })
        await eventually("new jobs run") { Set(effects.ended).isSuperset(of: new) }
        try await daemon.child.line(containing: "lost its lease")
        try late.open()
        await eventually { effects.ended.contains("late") }
        await eventually(equals: 0) { try daemon.metric("jobqueue_slots_busy") }

        await eventually(equals: 50) { try queue.total("done") }
        #expect(try queue.total("dead") + queue.total("retried") == 0)
        #expect(!daemon.log.contains { $0.hasPrefix("ERROR") })
        #expect(try daemon.get("/healthz").status == 200)
        #expect(try await daemon.done("queues").contains { $0.hasPrefix("default") })
        #expect(try await daemon.drain() == .exited(0))
        // Who the former worker was may still be told for a while, and goes by itself.
        let lasting = try redis.command(["KEYS", "*"]).texts.filter {
            try redis.command(["PTTL", $0]).integer == -1
        }
        #expect(lasting.sorted() == ["jq:queues", queue.key("totals")])
    }

    @Test("a unique key and an id that were deleted are free again")
    func keys() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let gate = try FileGate()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--lease", "1s"], effects: effects)
        let enqueue = [
            "enqueue", "--type", "test:job", "--id", "t-1", "--unique", "only", "--payload",
            gate.wait,
        ]
        #expect(try await daemon.control(enqueue).status == .exited(0))
        await eventually(equals: ["t-1"]) { effects.started }
        try redis.command(["FLUSHALL"])
        try gate.open()
        #expect(try await daemon.control(enqueue).status == .exited(0))
        await eventually(equals: 1) { try BareQueue(redis).total("done") }
        #expect(try redis.command(["EXISTS", "jq:{default}:unique:only"]).integer == 0)
    }
}
