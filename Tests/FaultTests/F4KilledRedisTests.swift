import TestSupport
import Testing

@Suite("F4 Redis is killed")
struct F4KilledRedisTests {
    @Test(
        "while jobs flow: nothing is lost, and jobs are claimed again two seconds after it is back",
        arguments: [0, 1000, 5000])
    func whileJobsFlow(backAfter milliseconds: Int) async throws {
        let redis = try await RedisServer(appendOnly: true, arguments: ["--appendfsync", "always"])
        let bench = try await FaultBench(redis: redis)
        let gate = try FileGate()
        for _ in 0..<2 { _ = try await bench.daemon() }
        try await bench.produce {
            let held = try bench.enqueue(FaultBench.slots, "held", payload: gate.wait)
            await eventually { Set(held).isSubset(of: bench.effects.started) }
            try await killAndRestart(redis, backAfter: milliseconds)
            let next = try bench.enqueue(1, "next")
            await eventually("claimed again", within: FaultBench.busy(.seconds(2))) {
                bench.effects.ended.contains(next[0])
            }
        }
        try gate.open()
        try await bench.expectKept(duplicatesAllowed: 2 * FaultBench.slots)
    }

    /// With everysec Redis may answer before it writes, and what it answered right before it is killed
    /// is lost. What it has written is not.
    @Test("with appendfsync everysec: what was written before is not lost")
    func everysec() async throws {
        let redis = try await RedisServer(
            appendOnly: true, arguments: ["--appendfsync", "everysec"])
        let bench = try await FaultBench(redis: redis)
        let gate = try FileGate()
        _ = try await bench.daemon()
        let held = try bench.enqueue(FaultBench.slots, "held", payload: gate.wait)
        try bench.enqueue(100, "waiting")
        await eventually { Set(held).isSubset(of: bench.effects.started) }
        await eventually("all is written") {
            let info = try redis.command(["INFO", "persistence"]).text ?? ""
            return info.contains("aof_pending_bio_fsync:0\r")
                && info.contains("aof_buffer_length:0\r")
        }
        try await killAndRestart(redis, backAfter: 500)
        try gate.open()
        try await bench.expectKept(duplicatesAllowed: FaultBench.slots)
    }

    private func killAndRestart(_ redis: RedisServer, backAfter milliseconds: Int) async throws {
        try await redis.kill()
        await pause(.milliseconds(milliseconds))
        // It answers when this returns.
        try await redis.restart()
    }
}
