import JobQueue
import Synchronization

/// Asks the daemon to drain: by a signal, or by `jobqueuectl drain`.
final class StopSwitch: Sendable {
    private struct Asked {
        var reason: String?
        var bySignal = false
    }

    private let asked = Mutex(Asked())
    /// Rings when it was asked.
    let bell = Bell()

    /// - Parameter reason: Who asks, for the log.
    func ask(_ reason: String) {
        asked.withLock { $0.reason = $0.reason ?? reason }
        bell.ring()
    }

    /// The same by a signal. Whoever stops the service after `jobqueuectl drain` asks for no more than
    /// that.
    ///
    /// - Returns: whether a signal asked before.
    func askBySignal(_ name: String) -> Bool {
        let isSecond = asked.withLock { asked in
            defer { asked.bySignal = true }
            return asked.bySignal
        }
        ask(name)
        return isSecond
    }

    /// Who asked first; `nil`: nobody did.
    var reason: String? { asked.withLock { $0.reason } }
}
