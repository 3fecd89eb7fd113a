import JobQueue
import Synchronization

/// Counts jobs down, and rings at zero. Those beyond are not counted.
final class Countdown: Sendable {
    private let left = Atomic(0)
    private let ended = Mutex(MonotonicTime.never)
    private let clock: any JobClock
    private let bell = Bell()

    init(clock: any JobClock) { self.clock = clock }

    /// Begins to count, while no job runs.
    func begin(_ count: Int) { left.store(count, ordering: .relaxed) }

    func step() {
        guard left.subtract(1, ordering: .relaxed).newValue == 0 else { return }
        ended.withLock { $0 = clock.now }
        bell.ring()
    }

    /// Waits for zero.
    ///
    /// - Returns: when it was reached.
    func end() async -> MonotonicTime {
        await bell.wait()
        return ended.withLock { $0 }
    }
}
