import TestSupport
import Testing

/// That all of ten running jobs run again is in `RecoveryTests` of the end-to-end tests.
@Suite("F1 the daemon is killed")
struct F1KilledDaemonTests {
    @Test("another daemon has its jobs in the time of a lease and a second; none is lost")
    func another() async throws {
        let bench = try await FaultBench()
        let killed = try await bench.daemon()
        let gate = try FileGate()
        let ids = try bench.enqueue(FaultBench.slots, "held", payload: gate.wait)
        await eventually { Set(bench.effects.started) == Set(ids) }
        // Others wait behind them, and more come while it happens.
        try bench.enqueue(100, "waiting", payload: #"{"ms":2}"#)
        let other = try await bench.daemon()
        try await bench.produce {
            let held = try await kill(killed, bench)
            await eventually("they run again", within: FaultBench.busy(.seconds(2))) {
                held.allSatisfy { id in bench.effects.started.count { $0 == id } == 2 }
            }
            try gate.open()
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
            for round in 1...3 {
                let gate = try FileGate()
                let ids = try bench.enqueue(3, "round\(round)", payload: gate.wait)
                await eventually { Set(ids).isSubset(of: bench.effects.started) }
                let held = try await kill(daemon, bench)
                try daemon.restart()
                try await daemon.ready()
                await eventually("they run again", within: FaultBench.busy(.seconds(1))) {
                    held.allSatisfy { id in bench.effects.started.count { $0 == id } == 2 }
                }
                try gate.open()
                await eventually { Set(ids).isSubset(of: bench.effects.ended) }
            }
        }
        try await bench.expectKept(duplicatesAllowed: 3 * (FaultBench.slots + 64))
    }

    /// Kills a daemon while it runs long jobs.
    ///
    /// - Returns: those that it left behind.
    private func kill(_ daemon: DaemonProcess, _ bench: FaultBench) async throws -> [String] {
        let started = Set(bench.effects.started)
        try await daemon.kill()
        let snapshot = try QueueSnapshot(of: bench.redis, queues: ["default"])
        let held = snapshot.entries.filter { $0.container.hasPrefix("active:") }.compactMap(\.id)
        #expect(!started.isDisjoint(with: held), "long jobs ran")
        return held.filter(started.contains)
    }
}
