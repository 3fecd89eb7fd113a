import TestSupport
import Testing

@Suite("A job from a producer to its end")
struct JobRunTests {
    @Test("a bare RPUSH by any Redis client is run, and counted")
    func bareProducer() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address, ["--demo"])
        try redis.command([
            "RPUSH", "jq:{default}:pending",
            #"{"type":"email:welcome","payload":{"user_id":42}}"#,
        ])
        await eventually(equals: 1) {
            try daemon.metric(#"jobqueue_jobs_processed_total{type="email:welcome"}"#)
        }
        // The counts are up to a second old.
        await eventually {
            try daemon.get("/stats").body.hasPrefix(
                #"{"pending":0,"scheduled":0,"active":0,"dead":0,"#)
        }
        try await daemon.drain()
    }

    @Test("a bare ZADD into scheduled is run when its time has come, not before")
    func bareDelay() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address, ["--demo"])
        let time = try redis.command(["TIME"]).texts.compactMap { Int($0) }
        let due = try #require(time.first) * 1000 + 700
        let envelope = #"{"type":"email:welcome","payload":{"user_id":1}}"#
        try redis.command(["ZADD", "jq:{default}:scheduled", "\(due)", envelope])
        await eventually(equals: 1) {
            try daemon.metric(#"jobqueue_jobs_processed_total{type="email:welcome"}"#)
        }
        let ended = try redis.command(["TIME"]).texts.compactMap { Int($0) }
        #expect(ended[0] * 1000 + ended[1] / 1000 >= due)
    }

    @Test("two daemons on one Redis run 10 000 jobs once each, and both have their share")
    func sharedWork() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let daemons = [
            try await DaemonProcess.ready(
                "jobqueued-testd", address: redis.address, effects: effects),
            try await DaemonProcess.ready(
                "jobqueued-testd", address: redis.address, effects: effects),
        ]
        let connection = try redis.connect()
        for start in stride(from: 0, to: 10_000, by: 500) {
            let jobs = (start..<start + 500).map { #"{"type":"test:job","id":"job-\#($0)"}"# }
            try connection.command(["RPUSH", "jq:{default}:pending"] + jobs)
        }
        await eventually("all have run") { effects.ended.count >= 10_000 }
        await eventually(equals: 0, "all are acked") { try Self.left(in: redis) }
        #expect(effects.ended.count == 10_000)
        #expect(Set(effects.ended).count == 10_000)
        for daemon in daemons {
            let share = try #require(
                try daemon.metric(#"jobqueue_jobs_processed_total{type="test:job"}"#))
            #expect(share > 0)
            #expect(try await daemon.drain() == .exited(0))
        }
    }

    @Test("queues are served in the order they are listed, strictly")
    func strictOrder() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        for number in 0..<20 {
            for queue in ["low", "high"] {
                try redis.command([
                    "RPUSH", "jq:{\(queue)}:pending",
                    #"{"type":"test:job","id":"\#(queue)-\#(number)"}"#,
                ])
            }
        }
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address,
            ["--queues", "high,low", "--concurrency", "1"], effects: effects)
        await eventually(equals: 40) { effects.ended.count }
        #expect(effects.ended.prefix(20).allSatisfy { $0.hasPrefix("high") })
        #expect(effects.ended.suffix(20) == (0..<20).map { "low-\($0)" })
        try await daemon.drain()
    }

    /// Jobs that are anywhere in the queue.
    private static func left(in redis: RedisServer) throws -> Int {
        var count = try redis.command(["LLEN", "jq:{default}:pending"]).integer ?? 0
        for key in try redis.command(["KEYS", "jq:{default}:active:*"]).texts {
            count += try redis.command(["HLEN", key]).integer.map { $0 - 1 } ?? 0
        }
        return count
    }
}
