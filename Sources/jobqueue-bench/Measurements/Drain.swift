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
            try await bench.besideBoth {
                try await bench.drainLimit(jobs: jobs, slots: slots, singly: $0)
            } ours: {
                try await bench.drainRate(jobs: jobs, slots: slots)
            } report: {
                report(Row("concurrency \(slots)", .perSecond, $0, goal: goal))
                if slots > 1 { report(Row(Row.besideFewest, .perSecond, $1)) }
            }
        }
    }
}
