import TestSupport
import Testing

@Suite("F20 Many daemons whose Redis is away")
struct F20ReconnectTests {
    private static let daemons = 8

    @Test("each tries less than twice a second, not in step with others, and all come back")
    func away() async throws {
        let redis = try await RedisServer(appendOnly: true)
        let effects = try EffectFile()
        var proxies: [FaultProxy] = []
        var daemons: [DaemonProcess] = []
        for _ in 0..<Self.daemons {
            let proxy = try FaultProxy(to: redis.socketAddress)
            proxies.append(proxy)
            daemons.append(
                try await .ready("jobqueued-testd", address: proxy.address, effects: effects))
        }
        let before = proxies.map(\.traffic.arrivals)
        func tries() -> [Int] { zip(proxies, before).map { $0.traffic.arrivals - $1 } }

        try await redis.kill()
        // Waits are short in the first second, in which each tries six times at the most.
        await eventually { tries().allSatisfy { $0 >= 5 } }
        let (start, first) = (ContinuousClock.now, tries().reduce(0, +))
        var spread = 0
        await eventually {
            spread = max(spread, (tries().max() ?? 0) - (tries().min() ?? 0))
            return tries().reduce(0, +) >= first + 6 * Self.daemons
        }
        let limit = (ContinuousClock.now - start) / .seconds(1) * 2 * Double(Self.daemons)
        #expect(Double(tries().reduce(0, +) - first) <= limit, "\(tries())")
        #expect(spread > 1, "without jitter all would have tried equally often")

        try await redis.restart()
        for number in 0..<100 { try BareQueue(redis).push(BareQueue.job("t-\(number)")) }
        for daemon in daemons {
            await eventually(equals: 200) {
                try daemon.get("/healthz").status
            }
        }
        await eventually(equals: 100) { try BareQueue(redis).total("done") }
        #expect(effects.ended.count == 100)
    }
}
