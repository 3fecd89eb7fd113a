import Glibc
import TestSupport
import Testing

@Suite("The pages over HTTP")
struct PagesTests {
    @Test("promtool has no complaint about /metrics, whatever has happened")
    func promtool() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address, ["--demo"])
        try await daemon.done("enqueue", "--type", "email:welcome", "--payload", #"{"user_id":1}"#)
        try await daemon.done("enqueue", "--type", "no:such")
        await eventually(equals: 1) {
            try daemon.metric(#"jobqueue_jobs_processed_total{type="email:welcome"}"#)
        }
        await eventually(equals: 1) {
            try daemon.metric(#"jobqueue_jobs_failed_total{type="other"}"#)
        }
        let check = try ChildProcess(
            "/usr/bin/promtool", ["check", "metrics"], input: try daemon.get("/metrics").body)
        #expect(try await check.waitForEndOfOutput() == .exited(0))
        #expect(check.standardOutput + check.standardError == [])
    }

    @Test("/healthz is 503 with the reason while Redis is away, 200 again when it is back")
    func health() async throws {
        let redis = try await RedisServer(appendOnly: true)
        let daemon = try await DaemonProcess.ready(address: redis.address, ["--demo"])
        #expect(try daemon.get("/healthz").status == 200)
        try await redis.kill()
        await eventually(equals: 503) { try daemon.get("/healthz").status }
        #expect(try daemon.get("/healthz").body.contains("Redis"))
        #expect(try daemon.metric("jobqueue_broker_up") == 0)
        #expect(try daemon.get("/stats").status == 503)

        try await redis.restart()
        await eventually(equals: 200) { try daemon.get("/healthz").status }
        #expect(try daemon.metric("jobqueue_broker_up") == 1)
        try redis.command([
            "RPUSH", "jq:{default}:pending", #"{"type":"email:welcome","payload":{"user_id":1}}"#,
        ])
        await eventually(equals: 1) {
            try daemon.metric(#"jobqueue_jobs_processed_total{type="email:welcome"}"#)
        }
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("a daemon whose Redis is away can still be drained")
    func drainWithoutRedis() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(
            address: redis.address, ["--drain-timeout", "1s"])
        try await redis.kill()
        await eventually(equals: 503) { try daemon.get("/healthz").status }
        #expect(try await daemon.drain(within: .seconds(20)) == .exited(0))
        #expect(daemon.log.contains { $0.contains("stopped without signing off") })
    }
}
