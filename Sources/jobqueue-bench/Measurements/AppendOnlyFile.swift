extension Measurement {
    /// With a Redis that keeps what it has answered, but for the last second.
    static let appendOnlyFile = Measurement(
        name: "aof", title: "append-only file, synchronized each second"
    ) { bench, report in
        try await bench.withRedis(.everySecond) { bench in
            let jobs = bench.scale.count(100_000)
            let enqueued = try await bench.besideLimit {
                try await bench.enqueueLimit(jobs: jobs, depth: 100)
            } ours: {
                try await bench.enqueueRate(jobs: jobs, callers: 100)
            }
            report(Row("enqueue, 100 callers", .perSecond, enqueued))
            let batches = try await bench.besideLimit {
                try await bench.batchLimit(jobs: jobs)
            } ours: {
                try await bench.enqueueRate(jobs: jobs, callers: 1, batch: 100)
            }
            report(Row("enqueue, batches of 100", .perSecond, batches))
            let drained = try await bench.besideLimit {
                try await bench.drainLimit(jobs: jobs, slots: 100)
            } ours: {
                try await bench.drainRate(jobs: jobs, slots: 100)
            }
            report(Row("drain, concurrency 100", .perSecond, drained))
        }
    }
}
