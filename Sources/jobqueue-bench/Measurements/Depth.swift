extension Measurement {
    /// Whether a job costs more when many others wait.
    static let depth = Measurement(
        name: "depth", title: "drain by the number of pending jobs, concurrency 100"
    ) { bench, report in
        var rates: [Double] = []
        for (pending, name, runs) in [
            (1_000, "10^3", 20), (10_000, "10^4", 5), (100_000, "10^5", 1), (1_000_000, "10^6", 1),
        ] {
            let jobs = min(pending, bench.scale.count(100_000))
            // A short run says little: several make one figure.
            let pair = try await bench.besideLimit {
                try await bench.mean(of: runs) {
                    try await bench.drainLimit(jobs: jobs, slots: 100, pending: pending)
                }
            } ours: {
                try await bench.mean(of: runs) {
                    try await bench.drainRate(jobs: jobs, slots: 100, pending: pending)
                }
            }
            report(Row("\(name) pending", .perSecond, pair))
            rates.append(pair.value)
        }
        if let first = rates.first, let last = rates.last {
            report(
                Row("10^6 against 10^3", .share, last / first, goal: .valueWithin(0.9...1.1)))
        }
    }
}

extension Bench {
    fileprivate func mean(
        of full: Int, _ rate: () async throws -> Double
    ) async throws -> Double {
        let count = scale.repetitions == 1 ? 1 : full
        var sum = 0.0
        for _ in 0..<count { sum += try await rate() }
        return sum / Double(count)
    }
}
