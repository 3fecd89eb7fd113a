import Dispatch

/// The one source of "later" in tests. It has a thread of its own, so that it works while a test
/// blocks Swift's whole shared pool on purpose.
package enum Alarm {
    private static let queue = DispatchQueue(label: "test-alarm")

    /// Runs `action` after `delay`.
    package static func after(_ delay: Duration, _ action: @escaping @Sendable () -> Void) {
        let (seconds, attoseconds) = delay.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        queue.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds), execute: action)
    }

    /// Suspends for `duration`; for `eventually` alone.
    static func pause(_ duration: Duration) async {
        await withCheckedContinuation { continuation in
            after(duration) { continuation.resume() }
        }
    }
}
