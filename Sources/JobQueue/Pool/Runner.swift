import Synchronization

/// A task of Swift's pool that runs one attempt after the other, so that jobs which are done at once do
/// not need a task each.
package final class Runner: Sendable {
    private struct State {
        var task: Task<Void, Never>?
        var isCancelled = false
    }

    /// After so long it runs no other attempt, and so leaves its thread to what else waits for one.
    static let timeLimit = Duration.milliseconds(1)

    private let state = Mutex(State())

    package init() {}

    /// The task that it is.
    package func runs(in task: Task<Void, Never>) {
        let isCancelled = state.withLock { state in
            state.task = task
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    /// Cancels the task, as soon as it is known. May call back whatever waits in it, so no lock is held.
    func cancel() {
        let task = state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }
}
