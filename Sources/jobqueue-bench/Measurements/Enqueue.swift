extension Measurement {
    /// `Producer.enqueue`, called by tasks that each wait for the answer before the next call.
    static let enqueue = Measurement(
        name: "enqueue", title: "enqueue through the library"
    ) { bench, report in
        for (callers, full, goal) in [
            (1, 20_000, nil), (10, 100_000, nil), (100, 200_000, Goal.ratioAtLeast(0.5)),
        ] {
            let jobs = bench.scale.count(full)
            let pair = try await bench.besideLimit {
                try await bench.enqueueLimit(jobs: jobs, depth: callers)
            } ours: {
                try await bench.enqueueRate(jobs: jobs, callers: callers)
            }
            let name = callers == 1 ? "1 caller" : "\(callers) callers"
            report(Row(name, .perSecond, pair, goal: goal))
        }
        let jobs = bench.scale.count(400_000)
        try await bench.besideBoth { singly in
            singly
                ? try await bench.enqueueLimit(jobs: jobs, depth: 100)
                : try await bench.batchLimit(jobs: jobs)
        } ours: {
            try await bench.enqueueRate(jobs: jobs, callers: 1, batch: 100)
        } report: {
            report(Row("1 caller, batches of 100", .perSecond, $0, goal: .ratioAtLeast(0.8)))
            report(Row(Row.besideFewest, .perSecond, $1))
        }
    }
}
