import Foundation

/// What threads wait at while it is closed.
final class Gate: Sendable {
    private let condition = NSCondition()
    private let isClosed = Watched(false)

    func close() { set(true) }
    func open() { set(false) }

    /// Blocks the calling thread while it is closed.
    func pass() {
        condition.withLock {
            while isClosed.value { condition.wait() }
        }
    }

    private func set(_ closed: Bool) {
        condition.withLock { isClosed.update { $0 = closed } }
        condition.broadcast()
    }
}
