import EventLoop
import JobQueue
import LinuxSystem

/// The system's clocks, and waits on the event loop's timers.
package struct LoopClock: JobClock {
    private let loop: EventLoop

    package init(loop: EventLoop) { self.loop = loop }

    package var now: MonotonicTime {
        MonotonicTime(nanoseconds: SystemClock.monotonicNanoseconds())
    }

    package var unixMilliseconds: Int64 { SystemClock.unixMilliseconds() }

    package func sleep(for duration: Duration) async throws {
        try await loop.sleep(for: duration)
    }
}
