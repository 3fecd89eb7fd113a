import Dispatch
import Synchronization

/// The one source of "later" in tests. It has a thread of its own, so that it works while a test
/// blocks Swift's whole shared pool on purpose.
enum Alarm {
    private static let queue = DispatchQueue(label: "test-alarm")

    /// Runs `action` after `delay`, unless what is returned is cancelled before.
    static func after(_ delay: Duration, _ action: @escaping @Sendable () -> Void) -> Pending {
        let pending = Pending(action)
        let (seconds, attoseconds) = delay.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        queue.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { pending.fire() }
        return pending
    }

    /// Suspends for `duration`; for `eventually` alone.
    static func pause(_ duration: Duration) async {
        await withCheckedContinuation { continuation in
            _ = after(duration) { continuation.resume() }
        }
    }

    /// An action that waits for its time.
    final class Pending: Sendable {
        private let action: Mutex<(@Sendable () -> Void)?>

        init(_ action: @escaping @Sendable () -> Void) { self.action = Mutex(action) }

        func cancel() { action.withLock { $0 = nil } }

        func fire() {
            let action = action.withLock { action in
                defer { action = nil }
                return action
            }
            action?()
        }
    }
}
