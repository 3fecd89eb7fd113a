extension Measurement {
    /// How soon a job starts on an idle queue, beside the wake-up of a bare BLMOVE.
    static let idleLatency = Measurement(
        name: "idle-latency", title: "idle queue, from a bare RPUSH to the start of the handler"
    ) { bench, report in
        let samples = bench.scale.count(2_000)
        // Slow enough for the worker to wait again each time.
        let perSecond = 400
        let pairs = try await bench.besideLimits {
            try await bench.redis.flush()
            return try await bench.limit.wakeUps(
                bench.keys.pending, samples: samples, perSecond: perSecond
            ).latencyQuantiles
        } ours: {
            try await bench.latencies(jobs: samples, slots: 10) { _ in
                try await bench.limit.produce(
                    bench.keys.pending, jobs: samples, perSecond: perSecond)
            }.latencyQuantiles
        }
        let goals = [Goal.ratioAtMost(2), .valueAtMost(0.001), nil]
        for ((name, pair), goal) in zip(zip([Double].latencyQuantileNames, pairs), goals) {
            report(Row(name, .seconds, pair, goal: goal))
        }
    }
}

extension [Double] {
    static let latencyQuantileNames = ["p50", "p99", "p99.9"]

    /// The figures by which latencies are told.
    var latencyQuantiles: [Double] { [0.5, 0.99, 0.999].map { quantile($0) } }
}
