import Glibc

/// The machine's clocks. Parts that decide something by the time are handed a reading, so that tests
/// can hand them another.
package enum SystemClock {
    /// Nanoseconds since the machine was booted, the time it slept included: what a lease is measured
    /// with. Never goes back. Wraps `clock_gettime(2)` with CLOCK_BOOTTIME.
    package static func monotonicNanoseconds() -> UInt64 {
        let time = read(CLOCK_BOOTTIME)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The same as a duration.
    package static func sinceBoot() -> Duration {
        .nanoseconds(Int64(clamping: monotonicNanoseconds()))
    }

    /// The date, as milliseconds since 1970. It jumps when somebody sets the clock.
    package static func unixMilliseconds() -> Int64 {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        let code = clock_gettime(clock, &time)
        precondition(code == 0, "the kernel has no clock \(clock)")
        return time
    }
}
