import Glibc
import TestSupport
import Testing

/// One slot, and answers that come through a proxy which holds them up.
@Suite("F14 Draining in the middle of a claim's answer")
struct F14OpenClaimTests {
    /// Which claim is not answered.
    enum Claim: CaseIterable {
        /// The one that leaves together with the outcome of the job before.
        case afterOutcome
        /// The one behind a wait for work.
        case behindWait
    }

    @Test(
        "the answer comes late: the job runs, or goes back to the head; exit 0",
        arguments: Claim.allCases)
    func late(claim: Claim) async throws {
        let scene = try await Scene(claim, drainTimeout: "10s")
        try await scene.claimWithoutAnswer()
        scene.daemon.signal(SIGTERM)
        try await scene.daemon.child.line(containing: "draining")
        scene.proxy.heal()
        #expect(try await scene.daemon.child.waitForExit(within: .seconds(20)) == .exited(0))
        try scene.expectSecondIsSafe()
    }

    @Test(
        "the answer is lost with the connection: the job is found again, and goes back; exit 0",
        arguments: Claim.allCases)
    func cut(claim: Claim) async throws {
        let scene = try await Scene(claim, drainTimeout: "10s")
        try await scene.claimWithoutAnswer()
        scene.daemon.signal(SIGTERM)
        try await scene.daemon.child.line(containing: "draining")
        scene.proxy.end(.reset)
        scene.proxy.heal()
        #expect(try await scene.daemon.child.waitForExit(within: .seconds(20)) == .exited(0))
        try scene.expectSecondIsSafe()
    }

    @Test(
        "the answer never comes: it ends by its limits, and the job runs after the next start",
        arguments: Claim.allCases)
    func never(claim: Claim) async throws {
        let scene = try await Scene(claim, drainTimeout: "300ms")
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
        let claim: Claim
        let redis: RedisServer
        let proxy: FaultProxy
        let effects: EffectFile
        let gate: FileGate
        let daemon: DaemonProcess
        var queue: BareQueue { BareQueue(redis) }

        init(_ claim: Claim, drainTimeout: String) async throws {
            self.claim = claim
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

        /// The first job has run. Redis has given the second one to the daemon, which does not know it.
        func claimWithoutAnswer() async throws {
            switch claim {
            case .afterOutcome:
                try queue.push(BareQueue.job("first", gate.wait), BareQueue.job("second"))
                await eventually(equals: ["first"]) { effects.started }
                proxy.set(.replies, .stall)
                try gate.open()
            case .behindWait:
                try gate.open()
                try queue.push(BareQueue.job("first", gate.wait))
                await eventually("the daemon waits anew") {
                    try queue.total("done") == 1
                        && redis.command(["INFO", "clients"]).text?.contains("blocked_clients:1\r")
                            == true
                }
                proxy.set(.replies, .stall)
                try queue.push(BareQueue.job("second"))
            }
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
