import TestSupport
import Testing

@Suite("Pausing a queue")
struct PauseTests {
    @Test("pause stops every daemon of the namespace, resume starts them, both survive a restart")
    func pauseAndResume() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let daemons = try await Self.daemons(2, redis, effects)
        #expect(try await daemons[0].done("pause", "default").count > 0)
        // The answer has come: nothing is claimed any more, by whomever.
        let waiting = (0..<20).map { #"{"type":"test:job","id":"p-\#($0)"}"# }
        try redis.command(["RPUSH", "jq:{default}:pending"] + waiting)
        #expect(try await daemons[1].done("stats").contains { $0.contains("paused") })

        for daemon in daemons {
            try await daemon.drain()
            try daemon.restart()
            try await daemon.ready()
        }
        // Both daemons have asked the queue when a job of another queue, enqueued later, has run.
        try redis.command(["RPUSH", "jq:{other}:pending", #"{"type":"test:job","id":"other"}"#])
        await eventually(equals: ["other"]) { effects.ended }
        #expect(try redis.command(["LLEN", "jq:{default}:pending"]).integer == 20)

        try await daemons[1].done("resume", "default")
        await eventually(equals: 21) { effects.ended.count }
        #expect(try redis.command(["EXISTS", "jq:{default}:paused"]).integer == 0)
        try await daemons[0].drain()
        try daemons[0].restart()
        try await daemons[0].ready()
        try redis.command(["RPUSH", "jq:{default}:pending", #"{"type":"test:job","id":"after"}"#])
        await eventually { effects.ended.contains("after") }
    }

    @Test("jobs that run when the queue is paused come to their end")
    func runningJobs() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let daemon = try await Self.daemons(1, redis, effects)[0]
        try await daemon.done(
            "enqueue", "--type", "test:job", "--id", "running", "--payload",
            #"{"says_start":true,"ms":300}"#)
        await eventually(equals: ["running"]) { effects.started }
        try await daemon.done("pause", "default")
        await eventually(equals: ["running"]) { effects.ended }
        await eventually(equals: 0) {
            try daemon.metric(#"jobqueue_jobs{queue="default",state="active"}"#)
        }
    }

    private static func daemons(
        _ count: Int, _ redis: RedisServer, _ effects: EffectFile
    ) async throws -> [DaemonProcess] {
        var daemons: [DaemonProcess] = []
        for _ in 0..<count {
            daemons.append(
                try await DaemonProcess.ready(
                    "jobqueued-testd", address: redis.address, ["--queues", "default,other"],
                    effects: effects))
        }
        return daemons
    }
}
