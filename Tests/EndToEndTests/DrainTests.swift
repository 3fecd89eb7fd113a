import Foundation
import TestSupport
import Testing

@Suite("Draining")
struct DrainTests {
    @Test("SIGTERM: nothing is claimed afterwards, the running job is finished and acked, exit 0")
    func shortJob() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let notify = try NotifySocket()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--concurrency", "4"], effects: effects,
            environment: notify.environment)
        try await daemon.done(
            "enqueue", "--type", "test:job", "--id", "long", "--payload",
            #"{"says_start":true,"ms":3000}"#)
        await eventually(equals: ["long"]) { effects.started }
        daemon.signal(SIGTERM)
        // The daemon has said that it claims nothing more: three slots are free, and stay so.
        try await daemon.child.line(containing: "draining (SIGTERM)")
        try await notify.message(containing: "STOPPING=1")
        try redis.command(["RPUSH", "jq:{default}:pending", #"{"type":"test:job","id":"late"}"#])
        #expect(try await daemon.child.waitForExit() == .exited(0))
        #expect(effects.ended == ["long"])
        #expect(try redis.command(["LLEN", "jq:{default}:pending"]).integer == 1)
        try expectNothingIsLeft(in: redis)
    }

    @Test("a job longer than the limit goes back to the head, its attempts unchanged, exit 0")
    func longJob() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address,
            ["--drain-timeout", "2s", "--concurrency", "1"], effects: effects)
        try await daemon.done(
            "enqueue", "--type", "test:job", "--id", "long", "--payload",
            #"{"says_start":true,"ms":60000}"#)
        try redis.command(["RPUSH", "jq:{default}:pending", #"{"type":"test:job","id":"next"}"#])
        await eventually(equals: ["long"]) { effects.started }
        // 2 s, and room for a busy machine; far below the 60 s of the job.
        #expect(try await daemon.drain(within: .seconds(12)) == .exited(0))
        let pending = try redis.command(["LRANGE", "jq:{default}:pending", "0", "-1"]).texts
        let ids = try pending.map { try #require(Self.field("id", of: $0) as? String) }
        #expect(ids == ["long", "next"])
        #expect(Self.field("attempts", of: pending[0]) as? Int ?? 0 == 0)
        #expect(effects.ended.isEmpty)
        try expectNothingIsLeft(in: redis)
    }

    @Test("a handler that ignores its cancellation does not hold up the end")
    func stubbornJob() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address,
            ["--drain-timeout", "200ms", "--kill-grace", "200ms"], effects: effects)
        try await daemon.done(
            "enqueue", "--type", "test:job", "--id", "stubborn", "--payload",
            #"{"says_start":true,"stubborn_ms":60000}"#)
        await eventually(equals: ["stubborn"]) { effects.started }
        #expect(try await daemon.drain(within: .seconds(12)) == .exited(0))
        #expect(try redis.command(["LLEN", "jq:{default}:pending"]).integer == 1)
        try expectNothingIsLeft(in: redis)
    }

    @Test("jobqueuectl drain does what SIGTERM does")
    func byControl() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        try await daemon.done("drain")
        #expect(try await daemon.child.waitForExit() == .exited(0))
        #expect(daemon.log.contains { $0.contains("draining (asked by jobqueuectl") })
    }

    @Test("SIGTERM after jobqueuectl drain asks for no more than that")
    func signalAfterControl() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, effects: effects)
        try await daemon.done(
            "enqueue", "--type", "test:job", "--id", "j", "--payload",
            #"{"says_start":true,"ms":1000}"#)
        await eventually(equals: ["j"]) { effects.started }
        try await daemon.done("drain")
        #expect(try await daemon.drain() == .exited(0))
        #expect(effects.ended == ["j"])
    }

    @Test("a second signal ends it at once")
    func secondSignal() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, effects: effects)
        try await daemon.done(
            "enqueue", "--type", "test:job", "--payload", #"{"says_start":true,"ms":60000}"#)
        await eventually(equals: 1) { effects.started.count }
        daemon.signal(SIGTERM)
        try await daemon.child.line(containing: "draining")
        daemon.signal(SIGTERM)
        #expect(try await daemon.child.waitForExit() == .exited(1))
    }

    /// No worker is registered and none holds anything.
    private func expectNothingIsLeft(in redis: RedisServer) throws {
        #expect(try redis.command(["ZCARD", "jq:{default}:workers"]).integer == 0)
        #expect(try redis.command(["KEYS", "jq:{default}:active:*"]).texts == [])
        #expect(try redis.command(["KEYS", "jq:worker:*"]).texts == [])
    }

    private static func field(_ name: String, of envelope: String) -> Any? {
        let object = try? JSONSerialization.jsonObject(with: Data(envelope.utf8))
        return (object as? [String: Any])?[name]
    }
}
