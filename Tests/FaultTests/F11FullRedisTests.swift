import TestSupport
import Testing

/// That a daemon can connect to a full Redis is in `FullServerTests` of the broker's tests.
@Suite("F11 Redis has more than its maxmemory")
struct F11FullRedisTests {
    @Test("an enqueue says that Redis is full; everything else goes on, and the queue drains")
    func drains() async throws {
        let bench = try await FaultBench()
        let daemon = try await bench.daemon()
        let admin = try bench.redis.connect()
        try admin.command(["CONFIG", "SET", "maxmemory", "1"])
        // What waits was put in by whoever had room.
        try bench.withRoom {
            try bench.enqueue(200, "good", payload: #"{"ms":5}"#)
            try bench.enqueue(20, "flaky", payload: #"{"fail_first":2}"#)
            try bench.enqueue(5, "bad", payload: #"{"skip":"told to"}"#)
            try bench.schedule("t-due")
        }
        for more in [[], ["--id", "t-own"], ["--delay", "1s"]] {
            let answer = try await daemon.control(["enqueue", "--type", "test:job"] + more)
            #expect(answer.status == .exited(1))
            #expect(answer.errors.contains { $0.contains("Redis is full") }, "\(answer)")
        }
        let end = try admin.command(["ZRANGE", "jq:{default}:workers", "0", "0", "WITHSCORES"])
        await bench.awaitEnd()
        await eventually("the lease is kept") {
            let later = try admin.command(
                ["ZRANGE", "jq:{default}:workers", "0", "0", "WITHSCORES"])
            return later.elements.first == end.elements.first
                && later.elements.last?.integer ?? 0 > end.elements.last?.integer ?? 0
        }
        #expect(daemon.log.filter { $0.contains("ERROR") && !$0.contains("job is dead") } == [])

        try admin.command(["CONFIG", "SET", "maxmemory", "0"])
        try await daemon.done("enqueue", "--type", "test:job", "--id", "t-again")
        bench.answered(["t-again"])
        try await bench.expectKept(duplicatesAllowed: 0) { $0 == "told to" }
        #expect(try bench.total("retried") == 40)
    }
}

extension FaultBench {
    /// Runs `body` in a moment at which Redis is not full.
    fileprivate func withRoom(_ body: () throws -> Void) throws {
        try redis.command(["CONFIG", "SET", "maxmemory", "0"])
        try body()
        try redis.command(["CONFIG", "SET", "maxmemory", "1"])
    }
}
