extension Measurement {
    /// What a daemon takes of the machine, as a process of its own.
    static let daemon = Measurement(
        name: "daemon", title: "the daemon as a process"
    ) { bench, report in
        let atRest = try await bench.repeated {
            try await bench.redis.flush()
            let daemon = try await DaemonProcess("jobqueued", slots: 10, on: bench)
            let window = bench.scale.time(.seconds(5))
            let before = try daemon.usage.processorSeconds
            try await bench.clock.sleep(for: window)
            let used = try daemon.usage.processorSeconds - before
            let resident = try daemon.usage.residentBytes
            await daemon.stop()
            return [resident, used / window.inSeconds]
        }
        report(Row("at rest, resident", .bytes, atRest[0], goal: .valueAtMost(20 * 1_048_576)))
        report(Row("at rest, processor", .share, atRest[1], goal: .valueAtMost(0.005)))

        let pairs = try await bench.besideLimits {
            try await bench.loadedLimit()
        } ours: {
            try await bench.loadedDaemon()
        }
        report(Row("drain, concurrency 100", .perSecond, pairs[0]))
        report(Row("processor for 100 000 jobs, Redis", .seconds, pairs[1]))
        report(Row("processor for 100 000 jobs, daemon", .seconds, pairs[2].value))
        report(
            Row(
                "under load, resident at most", .bytes, pairs[3].value,
                goal: .valueAtMost(40 * 1_048_576)))
    }
}

extension Bench {
    private var loadedJobs: Int { scale.count(100_000) }

    /// Jobs per second, then processor seconds for 100 000 jobs of Redis and of the daemon, then the
    /// most that was resident.
    fileprivate func loadedDaemon() async throws -> [Double] {
        try await redis.flush()
        try await limit.fill(heldBack, jobs: loadedJobs)
        let daemon = try await DaemonProcess("bench-daemon", slots: 100, on: self)
        let server = try await redis.usage()
        let before = (try server.processorSeconds, try daemon.usage.processorSeconds)
        let started = clock.now
        try await redis.command("RENAME", heldBack, keys.pending)
        try await redis.poll {
            try await redis.command("HGET", keys.totals, "done")
                == .bytes(Array("\(loadedJobs)".utf8))
        }
        let took = clock.now.since(started).inSeconds
        let per100000 = 100_000 / Double(loadedJobs)
        let figures = [
            Double(loadedJobs) / took,
            (try server.processorSeconds - before.0) * per100000,
            (try daemon.usage.processorSeconds - before.1) * per100000,
            try daemon.usage.peakResidentBytes,
        ]
        await daemon.stop()
        return figures
    }

    /// The same for the bare commands, as far as there is such a thing.
    fileprivate func loadedLimit() async throws -> [Double] {
        try await redis.flush()
        try await limit.fill(keys.pending, jobs: loadedJobs)
        let server = try await redis.usage()
        let before = try server.processorSeconds
        let rate = try await limit.drain(
            keys.pending, active: limitActive, jobs: loadedJobs, batch: 100, singly: false)
        let used = try server.processorSeconds - before
        return [rate, used * 100_000 / Double(loadedJobs), 0, 0]
    }
}
