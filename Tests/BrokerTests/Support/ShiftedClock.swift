import EventLoop
import JobDaemon
import JobQueue
import Synchronization

/// The system's clocks, which a test can move forward.
final class ShiftedClock: JobClock {
    private let clock: LoopClock
    private let shift = Mutex(Duration.zero)

    init(loop: EventLoop) { clock = LoopClock(loop: loop) }

    var now: MonotonicTime { clock.now.advanced(by: shift.withLock { $0 }) }
    var unixMilliseconds: Int64 {
        clock.unixMilliseconds + shift.withLock { $0.wholeMilliseconds }
    }

    func sleep(for duration: Duration) async throws { try await clock.sleep(for: duration) }

    func advance(by duration: Duration) { shift.withLock { $0 += duration } }
}
