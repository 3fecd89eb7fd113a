extension Measurement {
    /// What Redis needs for a job beside the job itself.
    static let memory = Measurement(
        name: "memory", title: "Redis's memory"
    ) { bench, report in
        // In a small number, what a connection takes and gives back would be seen.
        let jobs = 100_000
        try await bench.redis.flush()
        let before = try await bench.usedMemory()
        try await bench.limit.fill(bench.keys.pending, jobs: jobs)
        let each = (try await bench.usedMemory() - before) / Double(jobs)
        let record = try await bench.redis.command("LINDEX", bench.keys.pending, "0").asBytes()
            .count
        report(Row("the record of a job", .bytes, Double(record)))
        report(
            Row(
                "a pending job, over its record", .bytes, each - Double(record),
                goal: .valueAtMost(80)))
    }
}

extension Bench {
    fileprivate func usedMemory() async throws -> Double {
        Double(try await redis.information("memory", "used_memory")) ?? 0
    }
}
