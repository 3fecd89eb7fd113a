import Foundation
import TestSupport
import Testing

@Suite("I3 Numbers and sizes out of all proportion")
struct I3NumbersTests {
    private static let huge = "99999999999999999999999999"

    @Test("bare envelopes: what makes sense runs, what does not is dead; arithmetic never traps")
    func bareEnvelopes() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, effects: effects)
        let run = [
            #""attempts":-5"#, #""attempts":-\#(Self.huge)"#, #""max_attempts":\#(Self.huge)"#,
            #""max_attempts":0"#, #""max_attempts":-1"#, #""timeout_ms":\#(Self.huge)"#,
            #""enqueued_at":-\#(Self.huge)"#, #""enqueued_at":\#(Self.huge)"#,
            #""failed_at":\#(Self.huge)"#, #""released":\#(Self.huge)"#, #""lost":-1"#,
        ]
        let dead = [
            #""attempts":\#(Self.huge)"#, #""attempts":1000000000,"max_attempts":3"#,
            #""attempts":1.5"#, #""max_attempts":1e3"#, #""timeout_ms":"soon""#,
        ]
        for (number, field) in run.enumerated() {
            try queue.push(BareQueue.job("run-\(number)", more: field))
        }
        for (number, field) in dead.enumerated() {
            try queue.push(BareQueue.job("dead-\(number)", more: field))
        }
        // A limit of no time at all is one millisecond: it fails, and is tried again as any job.
        try queue.push(
            BareQueue.job("short", #"{"ms":60000}"#, more: #""timeout_ms":-1,"max_attempts":1"#))
        await eventually(equals: Set(run.indices.map { "run-\($0)" })) { Set(effects.ended) }
        await eventually(equals: dead.count + 1) { try queue.total("dead") }
        #expect(effects.ended.count == run.count)
        #expect(try daemon.get("/healthz").status == 200)
        #expect(try daemon.get("/metrics").status == 200)
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("times in scheduled: the past is now, the far future waits, and stops nobody")
    func runAt() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, effects: effects)
        for (id, score) in [("past", "-1"), ("minus", "-inf"), ("long-ago", "-1e300")] {
            try queue.schedule(Array(BareQueue.job(id).utf8), at: score)
        }
        for (id, score) in [("year-10000", "253402300800000"), ("end", "1e300"), ("never", "inf")] {
            try queue.schedule(Array(BareQueue.job(id).utf8), at: score)
        }
        await eventually(equals: ["long-ago", "minus", "past"]) { effects.ended.sorted() }
        try queue.push(BareQueue.job("now"))
        await eventually { effects.ended.contains("now") }
        #expect(try queue.scheduledCount == 3)
        try await daemon.done("stats")
        #expect(try daemon.get("/healthz").status == 200)
    }

    @Test(
        "an enqueue that makes no sense is refused with the reason, and adds nothing",
        arguments: [
            ["--max-attempts", "0"], ["--max-attempts", "-1"], ["--max-attempts", huge],
            ["--timeout", "-1s"], ["--timeout", "99999999999h"], ["--timeout", "NaN"],
            ["--delay", "-1s"], ["--delay", "99999999999h"], ["--delay", "nan"],
            ["--at", "10000-01-01T00:00:00Z"], ["--at", "NaN"], ["--at", "-1"],
            ["--count", "0"], ["--count", "-1"], ["--count", huge],
            ["--payload", "{"], ["--payload", ""], ["--payload", "NaN"],
        ])
    func refusedOrders(flags: [String]) async throws {
        let (redis, daemon) = try await Self.shared.value
        let answer = try await daemon.control(["enqueue", "--type", "test:job"] + flags)
        #expect(answer.status == .exited(65) || answer.status == .exited(64), "\(answer)")
        #expect(!answer.errors.isEmpty)
        try Self.expectEmpty(redis)
    }

    @Test("a payload over the limit is refused, one at the limit is taken")
    func payload() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        try await daemon.done("pause")
        let limit = 1 << 20
        for (size, status) in [(limit + 1, Int32(65)), (limit, 0)] {
            let text = "\"" + String(repeating: "x", count: size - 2) + "\""
            let answer = try await daemon.control(
                ["enqueue", "--type", "test:job", "--payload", "-"], input: text)
            #expect(answer.status == .exited(status), "\(answer.errors)")
        }
        #expect(try BareQueue(redis).pending.count == 1)
    }

    /// One daemon for all refusals. Whoever needs it awaits it.
    private static let shared = Task {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        return (redis, daemon)
    }

    private static func expectEmpty(_ redis: RedisServer) throws {
        let queue = BareQueue(redis)
        #expect(try queue.pending.isEmpty)
        #expect(try queue.scheduledCount == 0)
        #expect(try queue.total("done") + queue.total("dead") == 0)
    }
}
