import Glibc
import TestSupport
import Testing

@Suite("F15 A handler that crashes the daemon each time it runs")
struct F15SuspectTests {
    @Test(
        "after two losses its job runs in a process of its own, and is dead with the reason",
        arguments: [
            ("failpoint:segv", "killed by SIGSEGV"), ("failpoint:abort", "killed by SIGABRT"),
            ("failpoint:trap", "killed by SIG"), ("failpoint:exit", "exited with status 3"),
        ])
    func crash(type: String, reason: String) async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--lease", "1s"], effects: effects,
            // The runtime's own report of a crash takes seconds.
            environment: ["SWIFT_BACKTRACE": "enable=no"])
        try redis.pipeline([
            [
                "RPUSH", "jq:{default}:pending",
                #"{"id":"t-1","type":"test:job","payload":{"ms":400}}"#,
            ],
            ["RPUSH", "jq:{default}:pending", #"{"id":"bad","type":"\#(type)"}"#],
            [
                "RPUSH", "jq:{default}:pending",
                #"{"id":"t-2","type":"test:job","payload":{"ms":400}}"#,
            ],
        ])
        var deaths = 0
        while try QueueSnapshot(of: redis, queues: ["default"]).deadLetters.isEmpty {
            let ended = await Self.hasEnded(daemon, redis)
            guard ended else { break }
            deaths += 1
            try #require(deaths <= 2, "it died of it once more")
            try daemon.restart()
        }
        #expect(deaths == 2)
        let dead = try QueueSnapshot(of: redis, queues: ["default"]).deadLetters
        #expect(dead.map(\.id) == ["bad"])
        #expect(dead.first?.lastError?.contains(reason) == true, "\(dead)")
        await eventually { Set(effects.ended) == ["t-1", "t-2"] }
        // Who ran beside it twice is a suspect as well, runs apart, and is none the worse for it.
        await eventually {
            try QueueSnapshot(of: redis, queues: ["default"]).living.isEmpty
        }
        #expect(try await daemon.drain() == .exited(0))
        #expect(try QueueSnapshot(of: redis, queues: ["default"]).done == 2)
    }

    @Test("the process of a suspect ends with its daemon, and its job is not dead for that")
    func killedDaemon() async throws {
        let gate = try FileGate()
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--lease", "1s"], effects: effects)
        try redis.command([
            "RPUSH", "jq:{default}:pending",
            #"{"id":"t-1","type":"test:job","lost":2,"payload":\#(gate.wait)}"#,
        ])
        await eventually(equals: ["t-1"]) { effects.started }
        try await daemon.kill()
        try daemon.restart()
        await eventually(equals: ["t-1", "t-1"]) { effects.started }
        try gate.open()
        await eventually(equals: ["t-1"]) { effects.ended }
        await eventually(equals: 1) { try QueueSnapshot(of: redis, queues: ["default"]).done }
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("a suspect that is stopped by a drain goes back, no attempt used")
    func drain() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--drain-timeout", "200ms"],
            effects: effects)
        try redis.command([
            "RPUSH", "jq:{default}:pending",
            #"{"id":"t-1","type":"test:job","lost":2,"payload":{"says_start":true,"ms":60000}}"#,
        ])
        await eventually(equals: ["t-1"]) { effects.started }
        #expect(try await daemon.drain() == .exited(0))
        let snapshot = try QueueSnapshot(of: redis, queues: ["default"])
        #expect(snapshot.living.map(\.container) == ["pending"])
        #expect(effects.ended.isEmpty)
    }

    @Test("what a suspect's handler logs and throws is told as if it ran in the daemon")
    func failure() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        try redis.pipeline([
            [
                "RPUSH", "jq:{default}:pending",
                #"{"id":"t-1","type":"test:job","lost":2,"payload":{"fail_first":1}}"#,
            ],
            [
                "RPUSH", "jq:{default}:pending",
                #"{"id":"t-2","type":"test:job","lost":2,"payload":{"skip":"no such user"}}"#,
            ],
        ])
        try await daemon.child.line(containing: "attempt 1 of 25 failed: told to fail 1 times")
        try await daemon.child.line(containing: "job is dead after attempt 1 of 25: no such user")
        await eventually(equals: 1) { try QueueSnapshot(of: redis, queues: ["default"]).done }
    }

    @Test("a suspect that goes on when its time is over is killed, and its slot is free again")
    func timeout() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address,
            ["--concurrency", "1", "--kill-grace", "200ms"], effects: effects)
        try redis.pipeline([
            [
                "RPUSH", "jq:{default}:pending",
                #"{"id":"t-1","type":"test:job","lost":2,"timeout_ms":2000,"max_attempts":1,"#
                    + #""payload":{"says_start":true,"stubborn_until":"/nowhere"}}"#,
            ],
            ["RPUSH", "jq:{default}:pending", #"{"id":"t-2","type":"test:job"}"#],
        ])
        await eventually(equals: ["t-1"]) { effects.started }
        await eventually(equals: ["t-2"], within: .seconds(30)) { effects.ended }
        let dead = try QueueSnapshot(of: redis, queues: ["default"]).deadLetters
        #expect(dead.map(\.id) == ["t-1"])
        #expect(dead.first?.lastError == "timed out after 2s")
        #expect(try await daemon.drain() == .exited(0))
    }

    /// Awaits the end of the daemon, or of the job.
    ///
    /// - Returns: whether it was the daemon's.
    private static func hasEnded(_ daemon: DaemonProcess, _ redis: RedisServer) async -> Bool {
        await eventually("the daemon or the job has ended") {
            let isDead = try !QueueSnapshot(of: redis, queues: ["default"]).deadLetters.isEmpty
            return isDead || daemon.child.exitStatus != nil
        }
        return daemon.child.exitStatus != nil
    }
}
