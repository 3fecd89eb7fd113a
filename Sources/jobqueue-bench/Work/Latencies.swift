import JobQueue

extension Bench {
    /// Times from a moment that the producer wrote into each job to the start of its handler.
    ///
    /// - Parameter produce: Puts `jobs` jobs into Redis, from a process of its own.
    func latencies(
        jobs: Int, slots: Int, _ produce: () async throws -> Void
    ) async throws -> [Double] {
        try await redis.flush()
        let samples = Samples(jobs)
        let clock = clock
        let handler: JobHandler = { job, _ in
            let started = clock.now
            samples.add(started.since(try BenchJob.time(in: job)).inSeconds)
        }
        return try await withWorker(slots: slots, clock: clock, handler: handler) { _ in
            try await produce()
            return await samples.all()
        }
    }
}
