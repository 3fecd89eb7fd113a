import TestSupport
import Testing

/// That all of ten running jobs run again is in `RecoveryTests` of the end-to-end tests.
@Suite("F1 the daemon is killed")
struct F1KilledDaemonTests {
    @Test("another daemon has its jobs in the time of a lease and a second; none is lost")
    func another() async throws {
        let bench = try await FaultBench()
        let killed = try await bench.daemon()
        let ids = try bench.enqueue(
            FaultBench.slots, "held", payload: #"{"says_start":true,"ms":1500}"#)
        await eventually { Set(bench.effects.started) == Set(ids) }
        // Others wait behind them, and more come while it happens.
        try bench.enqueue(100, "waiting", payload: #"{"ms":2}"#)
        let other = try await bench.daemon()
        try await bench.produce {
            try await killed.kill()
            await eventually("they run again", within: FaultBench.busy(.seconds(2))) {
                bench.effects.started.count == 2 * ids.count
            }
        }
        try await bench.expectKept(duplicatesAllowed: FaultBench.slots + 64)
        #expect(other.log.contains { $0.contains("took back") })
    }

    @Test("started again, it has its own jobs within a second, each time; none is lost")
    func itself() async throws {
        let bench = try await FaultBench()
        // A lease that does not end here: nobody else could have given them back.
        let daemon = try await bench.daemon(["--lease", "1h"])
        try await bench.produce {
            for round in 1...4 {
                let ids = try bench.enqueue(
                    3, "round\(round)", payload: #"{"says_start":true,"ms":700}"#)
                await eventually { Set(ids).isSubset(of: bench.effects.started) }
                try await daemon.kill()
                try daemon.restart()
                try await daemon.ready()
                await eventually("they run again", within: FaultBench.busy(.seconds(1))) {
                    bench.effects.started.count { ids.contains($0) } == 2 * ids.count
                }
            }
        }
        try await bench.expectKept(duplicatesAllowed: 4 * (FaultBench.slots + 64))
    }
}
