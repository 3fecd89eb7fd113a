import TestSupport
import Testing

@Suite("I2 A key of another type in our place")
struct I2ForeignKeyTests {
    @Test(
        "it is told clearly, health is red, nothing spins, the other queue goes on; then all is well",
        arguments: ["pending", "scheduled", "workers"])
    func whileRunning(part: String) async throws {
        let scene = try await Scene()
        try scene.redis.command(["SET", scene.broken.key(part), "not ours"])
        await eventually(equals: 503) { try scene.daemon.get("/healthz").status }
        let health = try scene.daemon.get("/healthz").body
        #expect(health.contains("broken") && health.contains("WRONGTYPE"), "\(health)")

        // The bounds are a tenth of what a circle without a pause would do.
        let (scripts, lines) = (try scene.redis.calls(of: "evalsha"), scene.daemon.log.count)
        let start = ContinuousClock.now
        for number in 0..<20 {
            try scene.healthy.push(BareQueue.job("t-\(number)"))
            await eventually { scene.effects.ended.contains("t-\(number)") }
        }
        await eventually("everything has been tried again") {
            ContinuousClock.now - start > .seconds(2)
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        #expect(Double(try scene.redis.calls(of: "evalsha") - scripts) < 100 * seconds)
        #expect(scene.daemon.log.count - lines < 5, "\(scene.daemon.log.suffix(10))")
        #expect(scene.daemon.log.contains { $0.contains("WRONGTYPE") && $0.contains("broken") })
        #expect(!scene.daemon.log.contains { $0.contains("is stuck") })

        try scene.redis.command(["DEL", scene.broken.key(part)])
        await eventually(equals: 200) { try scene.daemon.get("/healthz").status }
        try scene.broken.push(BareQueue.job("mended"))
        await eventually { scene.effects.ended.contains("mended") }
        #expect(try await scene.daemon.drain() == .exited(0))
    }

    @Test(
        "outcomes that a foreign key keeps from being written wait, and are written when it is gone"
    )
    func dead() async throws {
        let scene = try await Scene()
        try scene.redis.command(["SET", scene.broken.key("dead"), "not ours"])
        try scene.broken.push(BareQueue.job("t-dead", #"{"skip":"no"}"#))
        try await scene.daemon.child.line(containing: "cannot write")
        await eventually(equals: 503) { try scene.daemon.get("/healthz").status }
        try scene.healthy.push(BareQueue.job("t-other"))
        await eventually(equals: 1, "the other queue's are written") {
            try scene.healthy.total("done")
        }
        try scene.redis.command(["DEL", scene.broken.key("dead")])
        await eventually(equals: 1) { try scene.broken.total("dead") }
        await eventually(equals: 200) { try scene.daemon.get("/healthz").status }
        #expect(try scene.broken.dead.count == 1)
    }

    @Test("a foreign key in the place of counters or of the list of queues costs only these")
    func counters() async throws {
        let scene = try await Scene()
        try scene.redis.command(["SET", scene.broken.key("totals"), "not ours"])
        try scene.redis.command(["DEL", "jq:queues"])
        try scene.redis.command(["SET", "jq:queues", "not ours"])
        try scene.broken.push(BareQueue.job("t-1"))
        await eventually { scene.effects.ended.contains("t-1") }
        await eventually(equals: 0) { try scene.broken.activeCount }
    }
}

extension I2ForeignKeyTests {
    /// A daemon with two queues, one of which something befalls.
    private struct Scene {
        let redis: RedisServer
        let effects: EffectFile
        let daemon: DaemonProcess
        var broken: BareQueue { BareQueue(redis, "broken") }
        var healthy: BareQueue { BareQueue(redis, "healthy") }

        init() async throws {
            redis = try await RedisServer()
            effects = try EffectFile()
            daemon = try await DaemonProcess.ready(
                "jobqueued-testd", address: redis.address,
                ["--queues", "broken,healthy", "--lease", "1s"], effects: effects)
        }
    }
}
