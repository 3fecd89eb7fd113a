import Foundation
import TestSupport
import Testing

@Suite("Jobs that fail")
struct FailureTests {
    @Test("a job that always fails is tried again with growing waits, then dead, then requeued")
    func retriesAndDeath() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address, ["--demo"])
        let ids = try await daemon.done(
            "enqueue", "--type", "demo:fail", "--max-attempts", "3", "--payload", #"{"a":1}"#)
        let id = try #require(ids.first)
        try await daemon.child.line(containing: "job is dead after attempt 3 of 3")

        let waits = daemon.log.filter { $0.contains("job=\(id)") }.compactMap(Self.wait)
        #expect(waits.count == 2)
        #expect((500...1000).contains(try #require(waits.first)))
        #expect((1000...2000).contains(try #require(waits.last)))

        await eventually { try await daemon.done("dead").contains { $0.contains(id) } }
        let shown = try await daemon.done("dead", "show", id).joined(separator: "\n")
        for part in ["this job always fails", "3 of 3", "dead", #"{"a":1}"#, "enqueued", "died"] {
            #expect(shown.contains(part), "it shows \(part)")
        }
        try await daemon.done("requeue", id)
        // Its attempts are counted anew.
        try await daemon.child.line(containing: "attempt 1 of 3 failed", number: 2)
        try await daemon.child.line(containing: "job is dead after attempt 3 of 3", number: 2)
    }

    @Test("a job that failed in the beginning is done in the end, and leaves nothing behind")
    func laterSuccess() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, effects: effects)
        try await daemon.done(
            "enqueue", "--type", "test:job", "--id", "j", "--payload", #"{"fail_first":3}"#)
        await eventually(equals: ["j"]) { effects.ended }
        await eventually {
            try daemon.get("/stats").body.hasPrefix(
                #"{"pending":0,"scheduled":0,"active":0,"dead":0"#)
        }
        #expect(try daemon.metric(#"jobqueue_jobs_retried_total{type="test:job"}"#) == 3)
    }

    @Test("an unknown type is dead at once, never run")
    func unknownType() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address, ["--demo"])
        let id = try #require(try await daemon.done("enqueue", "--type", "no:such").first)
        try await daemon.child.line(
            containing: "job is dead, never run: no handler for type no:such  job=\(id)")
        await eventually {
            try await daemon.done("dead", "show", id).contains { $0.contains("no handler") }
        }
    }

    @Test("a handler's SkipRetry makes a job dead at its first attempt")
    func skipRetry() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        let id = try #require(
            try await daemon.done(
                "enqueue", "--type", "test:job", "--payload", #"{"skip":"no such user"}"#
            ).first)
        try await daemon.child.line(
            containing: "job is dead after attempt 1 of 25: no such user  job=\(id)")
    }

    @Test("what is no envelope is dead at once, its bytes kept; the queue goes on")
    func malformed() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, effects: effects)
        let bad: [[UInt8]] = [
            Array("{\"type\":\"test:job\"".utf8), [0, 1, 0xFF], Array("[]".utf8), [],
            Array(String(repeating: "[", count: 10_000).utf8),
        ]
        let connection = try redis.connect()
        for bytes in bad {
            try connection.command(bytes: [
                Array("RPUSH".utf8), Array("jq:{default}:pending".utf8), bytes,
            ])
        }
        try connection.command([
            "RPUSH", "jq:{default}:pending", #"{"type":"test:job","id":"good"}"#,
        ])
        await eventually(equals: ["good"]) { effects.ended }
        await eventually(equals: bad.count) {
            try connection.command(["ZCARD", "jq:{default}:dead"]).integer
        }
        let records = try connection.command(["ZRANGE", "jq:{default}:dead", "0", "-1"]).texts
        let kept = try records.map { record in
            let object = try JSONSerialization.jsonObject(with: Data(record.utf8))
            let raw = try #require((object as? [String: Any])?["raw"] as? String)
            return [UInt8](try #require(Data(base64Encoded: raw)))
        }
        #expect(Set(kept) == Set(bad))
        #expect(try await daemon.done("dead").count == bad.count + 1)
    }

    /// The wait that a line about a failed attempt names, in milliseconds.
    private static func wait(_ line: String) -> Int? {
        guard let text = line.firstMatch(of: /next in ([0-9.]+)(ms|s)/),
            let number = Double(text.1)
        else { return nil }
        return Int(text.2 == "s" ? number * 1000 : number)
    }
}
