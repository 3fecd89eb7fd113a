import CLinux
import Glibc

/// Wakes a thread that waits, from any other. Wake-ups that come before it waits are not lost, and
/// several count as one. Wraps `eventfd(2)`.
package final class WakeUp: Sendable {
    private let descriptor: Int32

    package init() throws(WakeUpError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw WakeUpError(errno: errno) }
    }

    deinit { close(descriptor) }

    /// Never blocks.
    package func signal() {
        var one: UInt64 = 1
        // It fails only when 2^64 - 2 wake-ups are there already: then there is one.
        write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Blocks the calling thread until there was a wake-up.
    ///
    /// - Parameter limit: how long at most; `nil` for ever.
    /// - Returns: whether there was one.
    @discardableResult
    package func wait(within limit: Duration? = nil) -> Bool {
        let deadline = limit.map { SystemClock.sinceBoot() + $0 }
        while true {
            var count: UInt64 = 0
            if read(descriptor, &count, MemoryLayout<UInt64>.size) > 0 { return true }
            let left = deadline.map { $0 - SystemClock.sinceBoot() }
            if let left, left <= .zero { return false }
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            poll(&watched, 1, left.map(Self.milliseconds) ?? -1)
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int32 {
        let (seconds, attoseconds) = min(duration, .seconds(3_600)).components
        return Int32(seconds * 1_000 + attoseconds / 1_000_000_000_000_000) + 1
    }
}

/// No further descriptor.
package struct WakeUpError: Error, Equatable, CustomStringConvertible {
    package let errno: Int32

    package var description: String {
        "cannot make an eventfd: \(String(cString: strerror(errno))); is LimitNOFILE= too low?"
    }
}
