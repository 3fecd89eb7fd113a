import JobQueue

extension Bench {
    /// Times from a moment that the producer wrote into each job to the start of its handler, in
    /// seconds.
    ///
    /// - Parameter produce: Puts `jobs` jobs into Redis.
    func latencies(
        jobs: Int, slots: Int, _ produce: (any Producer) async throws -> Void
    ) async throws -> [Double] {
        try await redis.flush()
        let samples = Samples(jobs)
        return try await withWorker(slots: slots, clock: clock, handler: timing(samples)) {
            try await produce($0)
            return await samples.all()
        }
    }

    /// A handler that takes the time since a moment that the producer wrote into each job.
    func timing(_ samples: Samples) -> JobHandler {
        let clock = clock
        return { job, _ in
            let started = clock.now
            samples.add(started.since(try BenchJob.time(in: job)).inSeconds)
        }
    }

    /// Enqueues jobs at a steady pace, slow enough for the worker to wait again each time.
    func enqueueSlowly(_ jobs: Int, to producer: any Producer) async throws {
        for _ in 0..<jobs {
            try await clock.sleep(for: .milliseconds(2.5))
            _ = try await producer.enqueue([BenchJob.new(time: clock.now)])
        }
    }
}
