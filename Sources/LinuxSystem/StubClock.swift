import Glibc
package enum SystemClock {
    package static func monotonicNanoseconds() -> UInt64 { var t = timespec(); clock_gettime(CLOCK_BOOTTIME, &t); return UInt64(t.tv_sec) * 1_000_000_000 + UInt64(t.tv_nsec) }
    package static func unixMilliseconds() -> Int64 { var t = timespec(); clock_gettime(CLOCK_REALTIME, &t); return Int64(t.tv_sec) * 1000 + Int64(t.tv_nsec / 1_000_000) }
}
