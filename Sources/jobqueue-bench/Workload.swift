import EventLoop
import JobQueue

/// Work whose instructions are counted; see `make bench-check`.
enum Workload: String, CaseIterable, Sendable {
    /// Claim, run and finish, so many jobs at the same time.
    case drain10 = "drain-10"
    case drain100 = "drain-100"
    /// One job in a call, so many callers.
    case enqueue1 = "enqueue-1"
    case enqueue10 = "enqueue-10"
    case enqueue100 = "enqueue-100"
    /// 100 jobs in a call, one caller.
    case enqueueBatches = "enqueue-batches"

    func run(jobs: Int, on redis: RedisServer, _ loop: EventLoop) async throws {
        let bench = Bench(loop: loop, redis: redis, scratch: try Scratch(), scale: .full)
        switch self {
        case .drain10: try await bench.drainSlowly(jobs: jobs, slots: 10)
        case .drain100: try await bench.drainSlowly(jobs: jobs, slots: 100)
        case .enqueue1: _ = try await bench.enqueueRate(jobs: jobs, callers: 1)
        case .enqueue10: _ = try await bench.enqueueRate(jobs: jobs, callers: 10)
        case .enqueue100: _ = try await bench.enqueueRate(jobs: jobs, callers: 100)
        case .enqueueBatches: _ = try await bench.enqueueRate(jobs: jobs, callers: 1, batch: 100)
        }
        await bench.end()
    }
}

extension Bench {
    /// Redis makes the jobs, so that nothing here grows with their number but what is counted.
    fileprivate func drainSlowly(jobs: Int, slots: Int) async throws {
        try await redis.flush()
        try await redis.command(
            "EVAL",
            """
            for number = 1, ARGV[1] do
                redis.call('RPUSH', KEYS[1], string.format(ARGV[2], number))
            end
            """, "1", heldBack, "\(jobs)",
            #"{"type":"bench:noop","id":"job-%09d","enqueued_at":1700000000000,"payload":{}}"#)
        let clock = SlowClock(clock: clock, factor: 100)
        _ = try await heldBackRate(jobs: jobs, slots: slots, clock: clock, warmUp: 0)
    }
}

/// A clock for a program that a counting tool slows down: time goes slower, too, so that as much work
/// is done in a span as without the tool.
private struct SlowClock: JobClock {
    let clock: any JobClock
    let factor: Int

    var now: MonotonicTime {
        MonotonicTime(nanoseconds: clock.now.nanoseconds / UInt64(factor))
    }
    var unixMilliseconds: Int64 { clock.unixMilliseconds }

    func sleep(for duration: Duration) async throws {
        try await clock.sleep(for: duration * factor)
    }
}
