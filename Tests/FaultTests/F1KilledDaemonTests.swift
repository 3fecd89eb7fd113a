import TestSupport
import Testing

/// That all of ten running jobs run again is in `RecoveryTests` of the end-to-end tests.
@Suite("F1 the daemon is killed")
struct F1KilledDaemonTests {
    @Test("another daemon has its jobs in the time of a lease and a second; none is lost")
    func another() async throws {
        let bench = try await FaultBench()
        let gate = try FileGate()
        let killed = try await bench.daemon()
        let held = try bench.enqueue(FaultBench.slots, "held", payload: gate.wait)
        await eventually { Set(bench.effects.started) == Set(held) }
        // Others wait behind them, and more come while it happens.
        try bench.enqueue(100, "waiting", payload: #"{"ms":2}"#)
        let other = try await bench.daemon()
        try await bench.produce {
            try await killed.kill()
            await eventually("they run again", within: FaultBench.busy(.seconds(2))) {
                bench.effects.started.count == 2 * held.count
            }
        }
        try gate.open()
        try await bench.expectKept(duplicatesAllowed: FaultBench.slots + 64)
        #expect(other.log.contains { $0.contains("took back \(held.count) jobs") })
    }

    @Test("started again, it has its own jobs within a second, each time; none is lost")
    func itself() async throws {
        let bench = try await FaultBench()
        // A lease that does not end here: nobody else could have given them back.
        let daemon = try await bench.daemon(["--lease", "1h"])
        try await bench.produce {
            for round in 1...3 {
                let gate = try FileGate()
                let held = try bench.enqueue(3, "round\(round)", payload: gate.wait)
                await eventually { Set(held).isSubset(of: bench.effects.started) }
                try await daemon.kill()
                try daemon.restart()
                try await daemon.ready()
                await eventually("they run again", within: FaultBench.busy(.seconds(1))) {
                    bench.effects.started.count { held.contains($0) } == 2 * held.count
                }
                try gate.open()
                await eventually { Set(held).isSubset(of: bench.effects.ended) }
            }
        }
        try await bench.expectKept(duplicatesAllowed: 3 * (FaultBench.slots + 64))
    }
}
