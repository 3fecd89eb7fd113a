import SQLiteBroker

extension Measurement {
    /// The embedded broker. What it is held against is the same on Redis, which keeps nothing on the
    /// disk; for single durable enqueues, the bare disk.
    static let file = Measurement(
        name: "file",
        title: "an SQLite file, beside the same on Redis (and, where it says so, the bare disk)"
    ) { bench, report in
        let jobs = bench.scale.count(100_000)
        for (durability, name) in [(Durability.full, "full"), (.normal, "normal")] {
            let drained = try await bench.besideLimit {
                try await bench.drainRate(jobs: jobs, slots: 100)
            } ours: {
                try await bench.fileDrainRate(jobs: jobs, slots: 100, durability)
            }
            report(
                Row(
                    "\(name), drain, concurrency 100", .perSecond, drained,
                    goal: .valueAtLeast(50_000)))
            let batches = try await bench.besideLimit {
                try await bench.enqueueRate(jobs: jobs, callers: 1, batch: 100)
            } ours: {
                try await bench.fileEnqueueRate(jobs: jobs, callers: 1, batch: 100, durability)
            }
            report(
                Row(
                    "\(name), enqueue, batches of 100", .perSecond, batches,
                    goal: .valueAtLeast(100_000)))
        }
        for (callers, full) in [(1, 2_000), (10, 10_000), (100, 50_000)] {
            let jobs = bench.scale.count(full)
            let pair = try await bench.besideLimit {
                try await bench.limit.synchronizedWrites(
                    bench.scale.count(2_000), to: "\(bench.scratch.folder("disk"))/file")
            } ours: {
                try await bench.fileEnqueueRate(jobs: jobs, callers: callers, .full)
            }
            let name = callers == 1 ? "1 caller" : "\(callers) callers"
            report(Row("full, enqueue, \(name); the bare disk", .perSecond, pair))
        }
        let samples = bench.scale.count(2_000)
        let pairs = try await bench.besideLimits {
            try await bench.latencies(jobs: samples, slots: 10) {
                try await bench.enqueueSlowly(samples, to: $0)
            }.latencyQuantiles
        } ours: {
            try await bench.fileLatencies(jobs: samples).latencyQuantiles
        }
        for (name, pair) in zip([Double].latencyQuantileNames, pairs) {
            report(Row("full, idle, enqueue to handler, \(name)", .seconds, pair))
        }
    }
}
