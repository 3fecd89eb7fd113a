/// Time, handed to all that needs it, so that tests can move it by hand.
package protocol JobClock: Sendable {
    /// A clock that never goes back.
    var now: MonotonicTime { get }
    /// The wall clock, Unix milliseconds: for records that people read, and for dates that outlive the
    /// process, as those of delayed jobs and remembered ids in a file do. What is measured while the process
    /// runs (leases, deadlines, waits) goes by `now`, because this one can be set.
    var unixMilliseconds: Int64 { get }
    /// Suspends for at least `duration`. Throws `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// A point on a clock that never goes back, in nanoseconds. A number, because a job's way has several
/// of them and a `Duration` is twice the size.
package struct MonotonicTime: Comparable, Sendable {
    package let nanoseconds: UInt64

    package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// The far end of time.
    package static let never = MonotonicTime(nanoseconds: .max)

    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// `duration` later; `never` when that is out of range.
    package func advanced(by duration: Duration) -> MonotonicTime {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        return overflow ? .never : MonotonicTime(nanoseconds: sum)
    }

    /// The time from `earlier` to here; zero when `earlier` is not earlier.
    package func since(_ earlier: MonotonicTime) -> Duration {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return overflow ? .zero : .nanoseconds(Int64(clamping: difference))
    }
}

extension Duration {
    /// Whole nanoseconds, within 0 and some 292 years.
    package var wholeNanoseconds: UInt64 {
        // Within some nine seconds a number of 64 bits does, which is divided in no time.
        if let short = Int64(exactly: attoseconds) { return UInt64(max(0, short / 1_000_000_000)) }
        return UInt64(clamping: min(max(0, attoseconds / 1_000_000_000), Int128(Int64.max)))
    }

    /// Whole milliseconds, rounded toward zero, within the range of `Int64`.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, overflows) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return overflows ? scaled : sum
    }

    /// Seconds as a number.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
