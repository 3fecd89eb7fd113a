extension Measurement {
    /// Jobs of three sizes.
    static let payload = Measurement(
        name: "payload", title: "by the size of the payload"
    ) { bench, report in
        for (size, name, full) in [
            (100, "100 B", 100_000), (10_000, "10 KB", 20_000), (1_000_000, "1 MB", 200),
        ] {
            let jobs = bench.scale.count(full)
            let enqueued = try await bench.besideLimit {
                try await bench.enqueueLimit(jobs: jobs, depth: 10, payload: size)
            } ours: {
                try await bench.enqueueRate(jobs: jobs, callers: 10, payload: size)
            }
            report(Row("\(name), enqueue, 10 callers", .perSecond, enqueued))
            let drained = try await bench.besideLimit {
                try await bench.drainLimit(jobs: jobs, slots: 100, payload: size)
            } ours: {
                try await bench.drainRate(jobs: jobs, slots: 100, payload: size)
            }
            report(Row("\(name), drain, concurrency 100", .perSecond, drained))
        }
    }
}
