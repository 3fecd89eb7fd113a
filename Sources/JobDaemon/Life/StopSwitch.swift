import JobQueue
import Synchronization

/// Asks the daemon to drain: by a signal, or by `jobqueuectl drain`.
final class StopSwitch: Sendable {
    private let asked = Mutex<String?>(nil)
    /// Rings when it was asked.
    let bell = Bell()

    /// - Parameter reason: Who asks, for the log.
    /// - Returns: whether it was asked before.
    @discardableResult
    func ask(_ reason: String) -> Bool {
        let wasAsked = asked.withLock { asked in
            defer { asked = asked ?? reason }
            return asked != nil
        }
        bell.ring()
        return wasAsked
    }

    /// Who asked first; `nil`: nobody did.
    var reason: String? { asked.withLock { $0 } }
}
