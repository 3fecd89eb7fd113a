extension Measurement {
    /// How soon a job starts on an idle queue, beside the end of a bare BLMOVE for the same job.
    static let idleLatency = Measurement(
        name: "idle-latency", title: "idle queue, from a bare RPUSH to the start of the handler"
    ) { bench, report in
        let samples = bench.scale.count(2_000)
        // Slow enough for the worker to wait again each time.
        let perSecond = 400
        let list = bench.keys.pending
        @Sendable func produce() async throws {
            try await bench.limit.produce(list, jobs: samples, perSecond: perSecond)
        }
        let pairs = try await bench.besideLimits {
            let wakeUps = try await bench.measured(while: produce) {
                try await bench.limit.wakeUps(list, taken: bench.limitActive, samples: samples)
            }
            let handOvers = try await bench.measured(while: produce) {
                try await bench.limit.handOvers(list, samples: samples)
            }
            return wakeUps.latencyQuantiles + [handOvers.quantile(0.5)]
        } ours: {
            let latencies = try await bench.latencies(jobs: samples, slots: 10) { _ in
                try await produce()
            }
            return latencies.latencyQuantiles + [latencies.quantile(0.5)]
        }
        let goals = [Goal.ratioAtMost(2), .valueAtMost(0.001), nil]
        for ((name, pair), goal) in zip(zip([Double].latencyQuantileNames, pairs), goals) {
            report(Row(name, .seconds, pair, goal: goal))
        }
        report(Row("p50, beside C with a second thread", .seconds, pairs[3]))
    }
}

extension Bench {
    /// What `consume` measures, which waits for jobs before the first is produced.
    fileprivate func measured(
        while produce: () async throws -> Void, by consume: @Sendable () async throws -> [Double]
    ) async throws -> [Double] {
        try await redis.flush()
        async let latencies = consume()
        try await redis.waitForIdleWorker()
        try await produce()
        return try await latencies
    }
}

extension [Double] {
    static let latencyQuantileNames = ["p50", "p99", "p99.9"]

    /// The figures by which latencies are told.
    var latencyQuantiles: [Double] { [0.5, 0.99, 0.999].map { quantile($0) } }
}
