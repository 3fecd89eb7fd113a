import Glibc
import TestSupport
import Testing

/// One slot: when its job ends, the outcome and the next claim leave together, and their answers come
/// through a proxy that holds them up.
@Suite("F14 Draining in the middle of a claim's answer")
struct F14OpenClaimTests {
    @Test("the answer comes late: the job runs, or goes back to the head; exit 0")
    func late() async throws {
        let scene = try await Scene(drainTimeout: "10s")
        try await scene.claimWithoutAnswer()
        scene.daemon.signal(SIGTERM)
        try await scene.daemon.child.line(containing: "draining")
        scene.proxy.heal()
        #expect(try await scene.daemon.child.waitForExit(within: .seconds(20)) == .exited(0))
        try scene.expectSecondIsSafe()
    }

    @Test("the answer is lost with the connection: the job is found again, and goes back; exit 0")
    func cut() async throws {
        let scene = try await Scene(drainTimeout: "10s")
        try await scene.claimWithoutAnswer()
        scene.daemon.signal(SIGTERM)
        try await scene.daemon.child.line(containing: "draining")
        scene.proxy.end(.reset)
        scene.proxy.heal()
        #expect(try await scene.daemon.child.waitForExit(within: .seconds(20)) == .exited(0))
        try scene.expectSecondIsSafe()
    }

    @Test("the answer never comes: it ends by its limits, and the job runs after the next start")
    func never() async throws {
        let scene = try await Scene(drainTimeout: "300ms")
        try await scene.claimWithoutAnswer()
        scene.daemon.signal(SIGTERM)
        // The limit of the drain, the grace, and 5 s for signing off.
        #expect(try await scene.daemon.child.waitForExit(within: .seconds(20)) == .exited(0))
        scene.proxy.heal()
        try scene.daemon.restart()
        await eventually(equals: ["first", "second"]) { scene.effects.ended }
        await eventually(equals: 2) { try scene.queue.total("done") }
    }
}

extension F14OpenClaimTests {
    private struct Scene {
        let redis: RedisServer
        let proxy: FaultProxy
        let effects: EffectFile
        let gate: FileGate
        let daemon: DaemonProcess
        var queue: BareQueue { BareQueue(redis) }

        init(drainTimeout: String) async throws {
            redis = try await RedisServer()
            proxy = try FaultProxy(to: redis.socketAddress)
            effects = try EffectFile()
            gate = try FileGate()
            daemon = try await DaemonProcess.ready(
                "jobqueued-testd", address: proxy.address,
                [
                    "--concurrency", "1", "--drain-timeout", drainTimeout, "--kill-grace", "300ms",
                ], effects: effects)
        }

        /// Redis has given the second job to the daemon, which does not know it.
        func claimWithoutAnswer() async throws {
            try queue.push(BareQueue.job("first", gate.wait), BareQueue.job("second"))
            await eventually(equals: ["first"]) { effects.started }
            proxy.set(.replies, .stall)
            try gate.open()
            await eventually("the first is acked, the second claimed") {
                try queue.total("done") == 1 && queue.activeCount == 1 && queue.pending.isEmpty
            }
        }

        /// It has run once and is acked, or it lies at the head with no attempt used; nothing is left.
        func expectSecondIsSafe() throws {
            let pending = try queue.pending.map(BareQueue.fields)
            if effects.ended == ["first", "second"] {
                #expect(pending.isEmpty)
                #expect(try queue.total("done") == 2)
            } else {
                #expect(effects.ended == ["first"])
                #expect(pending.first?["id"] as? String == "second")
                #expect(pending.first?["attempts"] as? Int ?? 0 == 0)
                #expect(try queue.total("done") == 1)
            }
            #expect(try queue.activeCount == 0)
            #expect(try queue.leases.isEmpty)
        }
    }
}
