import JobQueue

/// How many jobs a second: through the library, and by the bare commands.
extension Bench {
    // MARK: - Enqueue

    /// Jobs per second that `callers` tasks enqueue at the same time, each `batch` in a call.
    func enqueueRate(jobs: Int, callers: Int, batch: Int = 1, payload: Int = 0) async throws
        -> Double
    {
        try await redis.flush()
        return try await withProducer { producer in
            let calls = max(1, jobs / callers / batch)
            let work = Array(repeating: BenchJob.new(payload: payload), count: batch)
            // The first call waits for the connection.
            _ = try await producer.enqueue(work)
            let started = clock.now
            try await enqueue(work, calls: calls, callers: callers, to: producer)
            return Double(calls * callers * batch) / clock.now.since(started).inSeconds
        }
    }

    /// The callers are tasks on Swift's shared pool, as a site's own would be.
    func enqueue(
        _ jobs: [NewJob], calls: Int, callers: Int, to producer: any Producer
    ) async throws {
        // Detached, because what belongs to this task prefers the loop, or says that it does not.
        let tasks = (0..<callers).map { _ in
            Task.detached { for _ in 0..<calls { _ = try await producer.enqueue(jobs) } }
        }
        for task in tasks { try await task.value }
    }

    /// RPUSH of single jobs, `depth` of them in a round trip.
    func enqueueLimit(jobs: Int, depth: Int, payload: Int = 0) async throws -> Double {
        try await redis.flush()
        return try await limit.enqueue(to: keys.pending, jobs: jobs, depth: depth, payload: payload)
    }

    /// RPUSH of 100 jobs in each round trip.
    func batchLimit(jobs: Int) async throws -> Double {
        try await redis.flush()
        return try await limit.fill(keys.pending, jobs: jobs)
    }

    // MARK: - Drain

    /// Jobs per second that a worker runs of those that are there when it starts.
    ///
    /// - Parameters:
    ///   - pending: How many are there; `nil`: `jobs`.
    ///   - warmUp: How many others are run before; `nil`: as many as make the worker warm.
    ///   - handler: What a job does; `nil`: nothing.
    func drainRate(
        jobs: Int, slots: Int, pending: Int? = nil, payload: Int = 0, warmUp: Int? = nil,
        handler: JobHandler? = nil
    ) async throws -> Double {
        try await redis.flush()
        try await limit.fill(heldBack, jobs: pending ?? jobs, payload: payload)
        return try await heldBackRate(
            jobs: jobs, slots: slots, clock: clock, warmUp: warmUp ?? scale.count(10_000),
            handler: handler)
    }

    /// The same of the jobs that are held back, after `warmUp` others that do not count.
    func heldBackRate(
        jobs: Int, slots: Int, clock: any JobClock, warmUp: Int, handler: JobHandler? = nil
    ) async throws -> Double {
        let countdown = Countdown(clock: clock)
        let counting: JobHandler = { job, context in
            try await handler?(job, context)
            countdown.step()
        }
        return try await withWorker(slots: slots, clock: clock, handler: counting) { _ in
            if warmUp > 0 {
                countdown.begin(warmUp)
                try await limit.fill(keys.pending, jobs: warmUp)
                _ = await countdown.end()
                try await redis.waitForIdleWorker()
            }
            countdown.begin(jobs)
            let started = clock.now
            try await redis.command("RENAME", heldBack, keys.pending)
            return Double(jobs) / (await countdown.end()).since(started).inSeconds
        }
    }

    /// The bare commands, as many jobs in a round trip as the worker has slots; fewer of large ones,
    /// as a claim has it.
    ///
    /// - Parameter singly: Whether each job has an HSET and an HDEL of its own.
    func drainLimit(
        jobs: Int, slots: Int, pending: Int? = nil, payload: Int = 0, singly: Bool = false
    ) async throws -> Double {
        try await redis.flush()
        try await limit.fill(keys.pending, jobs: pending ?? jobs, payload: payload)
        let batch = max(1, min(slots, Self.claimBytes / max(payload, 1)))
        return try await limit.drain(
            keys.pending, active: limitActive, jobs: jobs, batch: batch, singly: singly)
    }

    private static let claimBytes = 4 << 20
}
