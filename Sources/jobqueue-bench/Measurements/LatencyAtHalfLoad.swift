extension Measurement {
    /// How soon a job starts when the worker has half of what it can do.
    static let latencyAtHalfLoad = Measurement(
        name: "load-latency", title: "half load, from a bare RPUSH to the start of the handler"
    ) { bench, report in
        let slots = 10
        let most = try await bench.repeated {
            [try await bench.drainRate(jobs: bench.scale.count(50_000), slots: slots)]
        }[0]
        let perSecond = Int(most / 2)
        let jobs = bench.scale.count(perSecond * 3)
        let figures = try await bench.repeated {
            var reached = 0.0
            let latencies = try await bench.latencies(jobs: jobs, slots: slots) { _ in
                reached = try await bench.limit.produce(
                    bench.keys.pending, jobs: jobs, perSecond: perSecond)
            }
            return [reached] + latencies.latencyQuantiles
        }
        report(Row("load, concurrency \(slots)", .perSecond, figures[0]))
        for (name, figure) in zip([Double].latencyQuantileNames, figures.dropFirst()) {
            report(Row(name, .seconds, figure))
        }
    }
}
