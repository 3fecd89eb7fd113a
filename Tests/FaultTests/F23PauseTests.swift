import TestSupport
import Testing

/// That pause and resume hold for every daemon and over restarts stands in `PauseTests`.
@Suite("F23 Pause and resume")
struct F23PauseTests {
    @Test("however jobs pour in, none is claimed after pause was answered")
    func underLoad() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        let pouring = Task {
            var count = 0
            while !Task.isCancelled {
                try queue.push((0..<20).map { Array(BareQueue.job("t-\(count + $0)").utf8) })
                count += 20
                await pause(.milliseconds(5))
            }
            return count
        }
        await eventually { try queue.total("done") > 500 }
        try await daemon.done("pause", "default")
        let claimed = try Self.claimed(queue)
        let asked = try redis.calls(of: "exists")
        await eventually("it has asked twenty times whether it may go on") {
            try redis.calls(of: "exists") > asked + 20
        }
        #expect(try Self.claimed(queue) == claimed)
        pouring.cancel()
        let count = try await pouring.value
        try await daemon.done("resume", "default")
        await eventually(equals: count) { try queue.total("done") }
    }

    @Test("a paused queue is asked now and then, not in a circle; a resume is felt at once")
    func resume() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, effects: effects)
        var waits: [Duration] = []
        for round in 0..<5 {
            try await daemon.done("pause", "default")
            try queue.push(BareQueue.job("t-\(round)"))
            let asked = try redis.calls(of: "exists")
            let start = ContinuousClock.now
            await eventually { try redis.calls(of: "exists") >= asked + 4 }
            let most = Int((ContinuousClock.now - start) / .milliseconds(10)) + 4
            #expect(try redis.calls(of: "exists") - asked <= most, "it spins")

            // As `jobqueuectl resume` does, without the time that a process takes to start.
            try redis.command(["DEL", queue.key("paused")])
            let resumed = ContinuousClock.now
            await eventually { effects.ended.contains("t-\(round)") }
            waits.append(ContinuousClock.now - resumed)
        }
        // 100 ms are promised; a busy machine may need a multiple. Without a wake-up it would be for ever.
        #expect(try #require(waits.min()) <= .seconds(1), "\(waits)")
    }

    /// How many jobs were claimed so far: in pushes, less what is pending, at one moment.
    private static func claimed(_ queue: BareQueue) throws -> Int {
        let script = """
            local n = redis.call('HGET', KEYS[1], 'done') or 0
            for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
                n = n + redis.call('HLEN', key) - redis.call('HEXISTS', key, 'epoch')
            end
            return n
            """
        let reply = try queue.redis.command(
            ["EVAL", script, "1", queue.key("totals"), "jq:{default}:active:*"])
        return reply.integer ?? -1
    }
}
