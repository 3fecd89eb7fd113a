import CSystemd
import Glibc

/// Tells the service manager how this service is. Each call does nothing when nobody wants to know:
/// without NOTIFY_SOCKET in the environment. Wraps `sd_notify(3)`.
package struct ServiceNotifier: Sendable {
    private let onFailure: @Sendable (ServiceNotifierError) -> Void

    /// - Parameter onFailure: told what could not be sent, for the log; the service goes on.
    package init(onFailure: @escaping @Sendable (ServiceNotifierError) -> Void = { _ in }) {
        self.onFailure = onFailure
    }

    /// Whether anybody wants to know.
    package var isActive: Bool { getenv("NOTIFY_SOCKET") != nil }

    /// The service does its work from now on: what `Type=notify` waits for, at start and after
    /// `reloading`.
    package func ready(status: String? = nil) { send(["READY=1"], status: status) }

    /// The live line of `systemctl status`.
    package func status(_ text: String) { send([], status: text) }

    /// The service has begun to end.
    package func stopping(status: String? = nil) { send(["STOPPING=1"], status: status) }

    /// The service is alive. Expected once in `watchdogInterval`; send it twice as often.
    package func watchdog() { send(["WATCHDOG=1"]) }

    /// The present step, starting or stopping, may take `duration` from now.
    package func extendTimeout(_ duration: Duration, status: String? = nil) {
        send(["EXTEND_TIMEOUT_USEC=\(duration.wholeMicroseconds)"], status: status)
    }

    /// The service reads its configuration anew; `ready` follows.
    package func reloading() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let microseconds = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
        // The time is for Type=notify-reload: it tells this reload from an earlier one.
        send(["RELOADING=1", "MONOTONIC_USEC=\(microseconds)"])
    }

    /// Within which time a `watchdog` is expected, or the service is killed; `nil`: none is. Wraps
    /// `sd_watchdog_enabled(3)`.
    package var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        let code = sd_watchdog_enabled(0, &microseconds)
        if code < 0 { onFailure(ServiceNotifierError(state: "WatchdogSec=", errno: -code)) }
        return code > 0 ? .microseconds(Int64(clamping: microseconds)) : nil
    }

    private func send(_ assignments: [String], status: String? = nil) {
        let status = status.map { "STATUS=" + Self.oneLine($0) }
        let state = (assignments + [status].compactMap(\.self)).joined(separator: "\n")
        let code = sd_notify(0, state)
        if code < 0 { onFailure(ServiceNotifierError(state: state, errno: -code)) }
    }

    /// A line break would begin a new assignment.
    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}

/// The service manager could not be told something, or has told us something strange.
package struct ServiceNotifierError: Error, Equatable, CustomStringConvertible {
    package let state: String
    package let errno: Int32

    package var description: String {
        "cannot tell systemd \(state.split(separator: "\n").joined(separator: ", ")): "
            + String(cString: strerror(errno))
    }
}

extension Duration {
    /// Rounded down; 0 for a negative duration, capped at a year.
    fileprivate var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = min(max(self, .zero), .seconds(31_536_000)).components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
