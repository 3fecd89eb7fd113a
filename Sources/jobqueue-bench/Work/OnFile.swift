import JobQueue
import SQLiteBroker

/// How many jobs a second on an SQLite file.
extension Bench {
    /// Jobs per second that `callers` tasks enqueue at the same time, each `batch` in a call.
    func fileEnqueueRate(
        jobs: Int, callers: Int, batch: Int = 1, _ durability: Durability
    ) async throws -> Double {
        try await withFile(durability) { broker in
            let calls = max(1, jobs / callers / batch)
            let work = Array(repeating: BenchJob.new(payload: 0), count: batch)
            let started = clock.now
            try await enqueue(work, calls: calls, callers: callers, to: broker)
            return Double(calls * callers * batch) / clock.now.since(started).inSeconds
        }
    }

    /// Jobs per second that a worker runs of those that are there when it starts.
    func fileDrainRate(jobs: Int, slots: Int, _ durability: Durability) async throws -> Double {
        try await withFile(durability) { broker in
            let batch = 500
            let calls = max(1, jobs / batch)
            try await enqueue(
                Array(repeating: BenchJob.new(payload: 0), count: batch), calls: calls, callers: 1,
                to: broker)
            let countdown = Countdown(clock: clock)
            countdown.begin(calls * batch)
            let started = clock.now
            return try await working(
                on: broker, slots: slots, clock: clock, handler: { _, _ in countdown.step() }
            ) {
                Double(calls * batch) / (await countdown.end()).since(started).inSeconds
            }
        }
    }

    /// From the call of `enqueue` to the start of the handler, on an idle queue, in seconds.
    func fileLatencies(jobs: Int) async throws -> [Double] {
        try await withFile(.full) { broker in
            let samples = Samples(jobs)
            return try await working(
                on: broker, slots: 10, clock: clock, handler: timing(samples)
            ) {
                try await enqueueSlowly(jobs, to: broker)
                return await samples.all()
            }
        }
    }

    /// Opens a new file while `body` runs.
    private func withFile<Result: Sendable>(
        _ durability: Durability, _ body: (SQLiteBroker) async throws -> Result
    ) async throws -> Result {
        var options = JobStoreOptions(clock: clock)
        options.durability = durability
        let store = try await JobStore.open(
            .file(path: "\(try scratch.folder("file"))/jobs.db"), options: options)
        var brokerOptions = SQLiteBrokerOptions()
        brokerOptions.worker = .init(queues: [.default], lease: .seconds(15))
        let broker = SQLiteBroker(store: store, options: brokerOptions)
        do {
            try await broker.start()
            let result = try await body(broker)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }
}
