import LinuxSystem
import Synchronization

/// Requests on their way to the file's thread.
final class Mailbox: Sendable {
    enum Delivery {
        case requests([Request])
        /// There were none in time.
        case nothing
        /// None will come any more.
        case closed
    }

    private struct State {
        var requests: [Request] = []
        var isClosed = false
        /// The thread waits, or is about to: who adds a request must wake it.
        var isAwaited = false
    }

    private let state = Mutex(State())
    private let wakeUp: WakeUp

    init() throws(WakeUpError) { wakeUp = try WakeUp() }

    /// How many requests are there now.
    var count: Int { state.withLock { $0.requests.count } }

    /// - Returns: `false` when it is closed: the request is not taken.
    func put(_ request: Request) -> Bool {
        let (isTaken, mustWake) = state.withLock { state in
            if state.isClosed { return (false, false) }
            state.requests.append(request)
            defer { state.isAwaited = false }
            return (true, state.isAwaited)
        }
        if mustWake { wakeUp.signal() }
        return isTaken
    }

    /// Takes no more requests; those that are there are still delivered.
    func close() {
        state.withLock { $0.isClosed = true }
        wakeUp.signal()
    }

    /// All requests that are there; blocks until there is one, or for `limit` (`nil`: for ever).
    func take(within limit: Duration?) -> Delivery {
        let delivery = takeNow(isAboutToWait: true)
        guard case .nothing = delivery else { return delivery }
        wakeUp.wait(within: limit)
        return takeNow(isAboutToWait: false)
    }

    private func takeNow(isAboutToWait: Bool) -> Delivery {
        state.withLock { state in
            state.isAwaited = false
            if !state.requests.isEmpty {
                defer { state.requests = [] }
                return .requests(state.requests)
            }
            if state.isClosed { return .closed }
            state.isAwaited = isAboutToWait
            return .nothing
        }
    }
}
