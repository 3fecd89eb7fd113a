extension Measurement {
    /// How soon a job starts on an idle queue, beside the end of a bare BLMOVE for the same job.
    static let idleLatency = Measurement(
        name: "idle-latency", title: "idle queue, from a bare RPUSH to the start of the handler"
    ) { bench, report in
        let samples = bench.scale.count(2_000)
        // Slow enough for the worker to wait again each time.
        let perSecond = 400
        func produce() async throws {
            try await bench.limit.produce(
                bench.keys.pending, jobs: samples, perSecond: perSecond)
        }
        let pairs = try await bench.besideLimits {
            try await bench.redis.flush()
            async let wakeUps = bench.limit.wakeUps(
                bench.keys.pending, taken: bench.limitActive, samples: samples)
            try await bench.redis.waitForIdleWorker()
            try await produce()
            return try await wakeUps.latencyQuantiles
        } ours: {
            try await bench.latencies(jobs: samples, slots: 10) { _ in
                try await produce()
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
