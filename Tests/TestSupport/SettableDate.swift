import Foundation

/// A date that a process goes by and that can be set while it runs, as an administrator or NTP sets one. What
/// the process measures with the monotonic clocks is not concerned.
package final class SettableDate: Sendable {
    private let directory: TemporaryDirectory

    /// - Parameter shift: By so many seconds it is ahead of the machine's.
    package init(shift: Int = 0) throws {
        directory = try TemporaryDirectory()
        try set(shift: shift)
    }

    /// From now on it is so many seconds ahead of the machine's date; behind it when negative.
    package func set(shift: Int) throws { try directory.write("\(shift)", to: "shift") }

    /// What the process must be started with.
    package var environment: [String: String] {
        // With what this process was given: a sanitizer's, for one.
        let own = "\(ChildProcess.productsDirectory)/libClockShift.so"
        let given = ProcessInfo.processInfo.environment["LD_PRELOAD"] ?? ""
        return [
            "LD_PRELOAD": given.isEmpty ? own : "\(own):\(given)",
            "CLOCK_SHIFT_FILE": directory.file("shift"),
        ]
    }
}
