import Foundation
import TestSupport
import Testing

@Suite("F6 Redis is there and does not serve")
struct F6SilentRedisTests {
    @Test("LOADING for seconds: the watchdog is fed, there is no hot loop, and all goes on")
    func loading() async throws {
        // Slow to load, as if it held much.
        let redis = try await RedisServer(
            appendOnly: true, arguments: ["--key-load-delay", "300"])
        try redis.pipeline((1...10_000).map { ["SET", "filling:\($0)", "x"] })
        try await strike(redis) { watch in
            try await redis.restart(awaitsReady: false)
            try watch.letJobsEnd()
            await eventually("it has loaded") {
                try redis.command(["PING"]) == .status("PONG")
            }
            watch.expectModestTries()
            let errors = try redis.command(["INFO", "errorstats"]).text ?? ""
            #expect(errors.contains("errorstat_LOADING"), "it never happened: \(errors)")
        }
    }

    /// A daemon waits 10 s for an answer, 5 s for a connection to be made, and its watchdog 20 s for
    /// progress. Beyond these there is no further limit, so that a minute would show nothing more.
    @Test("frozen for longer than any wait: no watchdog kill, no hot loop, and all goes on")
    func sleeping() async throws {
        let redis = try await RedisServer()
        try await strike(redis) { watch in
            // The answer comes when it is over.
            Thread.detachNewThread { _ = try? redis.command(["DEBUG", "SLEEP", "22"]) }
            try watch.letJobsEnd()
            try await watch.awaitBack()
            watch.expectModestTries()
        }
    }

    /// 12 s are enough to have a command time out, and a connection that is made meanwhile; what
    /// follows are further tries of the same kind.
    @Test("CLIENT PAUSE for longer than a command may take: the same")
    func paused() async throws {
        let redis = try await RedisServer()
        try await strike(redis) { watch in
            try redis.command(["CLIENT", "PAUSE", "12000", "ALL"])
            try watch.letJobsEnd()
            try await watch.awaitBack()
            watch.expectModestTries()
        }
    }

    /// Has jobs run while `fault` happens, and expects that the daemon has lived through it.
    private func strike(_ redis: RedisServer, fault: (Watch) async throws -> Void) async throws {
        let bench = try await FaultBench(redis: redis)
        let proxy = try FaultProxy(to: redis.socketAddress)
        let notify = try NotifySocket()
        let daemon = try await bench.daemon(
            address: proxy.address,
            environment: notify.environment.merging(["WATCHDOG_USEC": "1000000"]) { $1 })
        let gate = try FileGate()
        let held = try bench.enqueue(4, "held", payload: gate.wait)
        await eventually { Set(bench.effects.started) == Set(held) }

        let watch = Watch(daemon: daemon, proxy: proxy, notify: notify, end: gate)
        try await fault(watch)
        watch.expectFed()
        await eventually("what ran has ended") { Set(held).isSubset(of: bench.effects.ended) }
        try await expectAllLoopsAlive(bench)
        #expect(daemon.child.exitStatus == nil)
        // Nobody else is there to whom its jobs could have been given.
        try await bench.expectKept(duplicatesAllowed: 0)
    }

    /// Waiting and claiming, promoting, recovering and the heartbeat.
    private func expectAllLoopsAlive(_ bench: FaultBench) async throws {
        try bench.enqueue(1, "pushed")
        try bench.schedule("t-due")
        try bench.leaveBehind("t-lost")
        await bench.awaitEnd()
        let ends = try bench.redis.command(
            ["ZRANGE", "jq:{default}:workers", "0", "0", "WITHSCORES"])
        let end = try #require(ends.elements.last?.integer)
        await eventually("the lease is kept") {
            let later = try bench.redis.command(
                ["ZRANGE", "jq:{default}:workers", "0", "0", "WITHSCORES"])
            return later.elements.last?.integer ?? 0 > end
        }
    }
}

/// What is seen of a daemon during a fault.
private struct Watch {
    let daemon: DaemonProcess
    private let proxy: FaultProxy
    private let notify: NotifySocket
    private let began = ContinuousClock.now
    private let end: FileGate
    private let beats: Int
    private let connections: Int

    init(daemon: DaemonProcess, proxy: FaultProxy, notify: NotifySocket, end: FileGate) {
        self.daemon = daemon
        self.proxy = proxy
        self.notify = notify
        self.end = end
        beats = Self.beats(notify)
        connections = proxy.traffic.connections
    }

    /// What runs ends now, and its outcomes cannot be written.
    func letJobsEnd() throws { try end.open() }

    /// Returns when the daemon was without Redis and has it again.
    func awaitBack() async throws {
        try await daemon.child.line(containing: "is back", within: .seconds(90))
    }

    private var seconds: Int { Int((ContinuousClock.now - began) / .seconds(1)) }

    /// Two tries a second, and those at the beginning, when a short interruption is hoped for.
    func expectModestTries(sourceLocation: SourceLocation = #_sourceLocation) {
        let tries = proxy.traffic.connections - connections
        #expect(tries > 0, sourceLocation: sourceLocation)
        #expect(tries <= 2 * seconds + 6, sourceLocation: sourceLocation)
    }

    /// The watchdog would have ended the daemon after a second of silence, or what a busy machine makes
    /// of it.
    func expectFed(sourceLocation: SourceLocation = #_sourceLocation) {
        let count = Self.beats(notify) - beats
        #expect(count >= seconds / 2, sourceLocation: sourceLocation)
    }

    private static func beats(_ notify: NotifySocket) -> Int {
        notify.messages.count { $0.contains("WATCHDOG=1") }
    }
}
