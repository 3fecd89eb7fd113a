import Synchronization

/// What producers know of their jobs.
package final class Ledger: Sendable {
    private struct State {
        var answered: Set<String> = []
        var refused: Set<String> = []
        var unknown: Set<String> = []
    }

    private let state = Mutex(State())

    package init() {}

    /// The enqueue was answered: the job must be run to an end.
    package func answered(_ id: String) { state.withLock { _ = $0.answered.insert(id) } }
    /// It was refused, or never sent: the job must not run.
    package func refused(_ id: String) { state.withLock { _ = $0.refused.insert(id) } }
    /// The answer was lost: either is right.
    package func unknown(_ id: String) { state.withLock { _ = $0.unknown.insert(id) } }

    package var answered: Set<String> { state.withLock { $0.answered } }
    package var refused: Set<String> { state.withLock { $0.refused } }
    package var unknown: Set<String> { state.withLock { $0.unknown } }
}
