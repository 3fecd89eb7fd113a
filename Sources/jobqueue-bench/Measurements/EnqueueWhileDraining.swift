extension Measurement {
    /// Producers and a worker in one process, both as fast as they can.
    static let enqueueWhileDraining = Measurement(
        name: "steady", title: "enqueue while draining"
    ) { bench, report in
        let width = 100
        let calls = bench.scale.count(100_000) / width + 1
        let jobs = calls * width
        let pair = try await bench.besideLimit {
            try await bench.redis.flush()
            return try await bench.limit.cycle(
                bench.keys.pending, active: bench.limitActive, jobs: jobs, batch: width)
        } ours: {
            try await bench.redis.flush()
            let countdown = Countdown(clock: bench.clock)
            countdown.begin(jobs)
            return try await bench.withWorker(
                slots: width, clock: bench.clock, handler: { _, _ in countdown.step() }
            ) { producer in
                let started = bench.clock.now
                try await bench.enqueue(
                    [BenchJob.new(payload: 0)], calls: calls, callers: width, to: producer)
                return Double(jobs) / (await countdown.end()).since(started).inSeconds
            }
        }
        report(Row("\(width) callers, concurrency \(width)", .perSecond, pair))
    }
}
