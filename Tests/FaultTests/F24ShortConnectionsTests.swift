import TestSupport
import Testing

@Suite("F24 Connections that are short, or silent")
struct F24ShortConnectionsTests {
    @Test("connections that each last for less than a lease do not stop recovery")
    func flapping() async throws {
        let bench = try await FaultBench()
        let proxy = try FaultProxy(to: bench.redis.socketAddress)
        _ = try await bench.daemon(address: proxy.address, ["--lease", "3s"])
        let dead = try await bench.daemon(["--lease", "3s"])
        let gate = try FileGate()
        let held = try bench.enqueue(2 * FaultBench.slots, "held", payload: gate.wait)
        await eventually { Set(bench.effects.started) == Set(held) }
        try await dead.kill()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    proxy.end()
                    await pause(.seconds(1))
                }
            }
            await eventually("taken back", within: FaultBench.busy(.seconds(8))) {
                try bench.total("recovered") == FaultBench.slots
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        try gate.open()
        try await bench.expectKept(duplicatesAllowed: FaultBench.slots)
    }

    @Test("a connection that falls silent costs no running job, however short the lease")
    func silent() async throws {
        let bench = try await FaultBench()
        let proxy = try FaultProxy(to: bench.redis.socketAddress)
        // Long enough for a busy machine, and shorter than the ten seconds of the longest limit.
        let daemon = try await bench.daemon(address: proxy.address, ["--lease", "4s"])
        _ = try await bench.daemon(["--lease", "4s"])
        let gate = try FileGate()
        let held = try bench.enqueue(2 * FaultBench.slots, "held", payload: gate.wait)
        await eventually { Set(bench.effects.started) == Set(held) }
        for _ in 0..<2 {
            let before = try daemon.metric("jobqueue_broker_reconnects_total") ?? 0
            proxy.end(.silence)
            await eventually("it has another connection") {
                try daemon.metric("jobqueue_broker_reconnects_total") ?? 0 > before
            }
        }
        #expect(try bench.total("recovered") == 0)
        try gate.open()
        try await bench.expectKept(duplicatesAllowed: 0)
    }
}
