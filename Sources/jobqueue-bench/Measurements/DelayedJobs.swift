extension Measurement {
    /// How late a delayed job starts.
    static let delayedJobs = Measurement(
        name: "delayed",
        title: "delayed jobs, from the time they are due to the start of the handler"
    ) { bench, report in
        for (full, spread, name) in [
            (2_000, 4_000, "2 000 within 4 s"), (10_000, 1_000, "10 000 within 1 s"),
        ] {
            let jobs = bench.scale.count(full)
            let figures = try await bench.repeated {
                try await bench.latencies(jobs: jobs, slots: 100) { _ in
                    try await bench.limit.schedule(
                        bench.keys.scheduled, jobs: jobs, delayMilliseconds: 1_500,
                        spreadMilliseconds: Int(
                            bench.scale.time(.milliseconds(spread)) / .milliseconds(1)))
                }.latencyQuantiles
            }
            report(Row("\(name), p50", .seconds, figures[0]))
            report(Row("\(name), p99", .seconds, figures[1]))
        }
    }
}
