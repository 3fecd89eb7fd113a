import TestSupport
import Testing

/// The date of Redis's host is set while jobs run: NTP after a boot, a machine that was suspended, a failover
/// to a host with another date.
@Suite("F17 The date of Redis's host is set")
struct F17RedisDateTests {
    private static let steps = [60, -60, 3600, -3600]

    @Test(
        "no healthy worker loses a job, and a dead one's are taken back in time", arguments: steps)
    func step(seconds: Int) async throws {
        let date = try SettableDate()
        let bench = try await FaultBench(redis: try await RedisServer(date: date))
        let daemons = [try await bench.daemon(), try await bench.daemon()]
        let gate = try FileGate()
        let held = try bench.enqueue(2 * FaultBench.slots, "held", payload: gate.wait)
        await eventually { Set(bench.effects.started) == Set(held) }
        try await keepLeases(bench, times: 2)

        try date.set(shift: seconds)
        try await keepLeases(bench, times: 8)
        #expect(bench.effects.started.count == held.count, "some were begun again")
        #expect(try bench.total("recovered") == 0)

        // And one that dies where the date is set again in the same moment.
        try await daemons[0].kill()
        try date.set(shift: 0)
        await eventually("taken back", within: FaultBench.busy(.seconds(6))) {
            try bench.total("recovered") == FaultBench.slots
        }
        #expect(!daemons[1].log.contains { $0.contains("lost its lease") })
        try gate.open()
        try await bench.expectKept(duplicatesAllowed: FaultBench.slots)
    }

    @Test("a daemon that begins after the date was set back waits for a lease, not for the step")
    func setBackBefore() async throws {
        let date = try SettableDate()
        let bench = try await FaultBench(redis: try await RedisServer(date: date))
        let dead = try await bench.daemon()
        let gate = try FileGate()
        let held = try bench.enqueue(2, "held", payload: gate.wait)
        await eventually { Set(bench.effects.started) == Set(held) }
        try await dead.kill()
        try date.set(shift: -3600)
        _ = try await bench.daemon()
        try gate.open()
        await eventually("taken back", within: FaultBench.busy(.seconds(6))) {
            try bench.total("recovered") == 2
        }
        try await bench.expectKept(duplicatesAllowed: 2)
    }

    /// Returns when each lease was kept so often, whatever the date.
    private func keepLeases(_ bench: FaultBench, times: Int) async throws {
        let queue = BareQueue(bench.redis)
        for _ in 0..<times {
            let before = try queue.leases
            await eventually("all leases are kept") {
                let now = try queue.leases
                return before.allSatisfy { now[$0.key] != nil && now[$0.key] != $0.value }
            }
        }
    }
}
