import TestSupport
import Testing

@Suite("F4 Redis is killed")
struct F4KilledRedisTests {
    @Test(
        "back after so many milliseconds: nothing is lost, and jobs are claimed again in two seconds",
        arguments: [0, 1000, 5000])
    func comesBack(after milliseconds: Int) async throws {
        let redis = try await RedisServer(
            appendOnly: true, arguments: ["--appendfsync", "everysec"])
        let bench = try await FaultBench(redis: redis)
        for _ in 0..<2 { _ = try await bench.daemon() }
        try await bench.produce {
            let held = try bench.enqueue(
                FaultBench.slots, "held", payload: #"{"says_start":true,"ms":400}"#)
            await eventually { Set(held).isSubset(of: bench.effects.started) }
            try await redis.kill()
            await pause(.milliseconds(milliseconds))
            // It answers when this returns.
            try await redis.restart()
            let next = try bench.enqueue(1, "next")
            await eventually("claimed again", within: FaultBench.busy(.seconds(2))) {
                bench.effects.ended.contains(next[0])
            }
        }
        try await bench.expectKept(duplicatesAllowed: 2 * FaultBench.slots)
    }
}
