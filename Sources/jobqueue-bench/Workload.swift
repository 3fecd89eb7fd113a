import EventLoop
import JobQueue

/// Work whose instructions are counted; see `make bench-check`.
enum Workload: String, CaseIterable, Sendable {
    /// Claim, run and finish, concurrency 100.
    case drain
    /// One caller, one job at a time.
    case enqueue
    /// One caller, 100 jobs at a time.
    case enqueueBatches = "enqueue-batches"

    func run(jobs: Int, loop: EventLoop) async throws {
        let bench = try await Bench(loop: loop, scratch: Scratch(), scale: .full)
        switch self {
        case .drain: _ = try await bench.drainRate(jobs: jobs, slots: 100)
        case .enqueue: _ = try await bench.enqueueRate(jobs: jobs, callers: 1)
        case .enqueueBatches: _ = try await bench.enqueueRate(jobs: jobs, callers: 1, batch: 100)
        }
        await bench.end()
    }
}
