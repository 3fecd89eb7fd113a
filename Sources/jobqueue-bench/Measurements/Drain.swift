extension Measurement {
    /// What a worker gets done when there is always more: handlers that do nothing, jobs that are there.
    static let drain = Measurement(
        name: "drain", title: "drain of preloaded no-op jobs, in process"
    ) { bench, report in
        for (slots, full, goal) in [
            (1, 20_000, nil), (10, 100_000, Goal.ratioAtLeast(0.3)),
            (100, 100_000, Goal.ratioAtLeast(0.5)), (500, 100_000, nil),
        ] {
            let jobs = bench.scale.count(full)
            let pair = try await bench.besideLimit {
                try await bench.drainLimit(jobs: jobs, slots: slots)
            } ours: {
                try await bench.drainRate(jobs: jobs, slots: slots)
            }
            report(Row("concurrency \(slots)", .perSecond, pair, goal: goal))
        }
    }
}
