import Synchronization

/// Attempts that have a slot and wait for a thread, the oldest first.
///
/// While there are some, one more runner is on its way through the pool's own line. Whoever takes an
/// attempt and leaves others sends for it. So there is always somebody for the next attempt, however long
/// those before it take, and whoever leaves; and where attempts end at once, few runners come, and each runs
/// many.
final class RunLine: Sendable {
    /// An attempt to be run.
    struct Turn {
        let attempt: Attempt
        let slot: Int
        /// Whether whoever has this must first send for another runner.
        let needsRunner: Bool
    }

    private struct State {
        /// Two halves of the line: those that came since `next` was empty, and those before them, the last
        /// to be taken first.
        var arrived: [(attempt: Attempt, slot: Int)] = []
        var next: [(attempt: Attempt, slot: Int)] = []
        var runnerComes = false

        /// Whether a runner is to be sent for, which then comes.
        mutating func needsRunner() -> Bool {
            guard !runnerComes, !(arrived.isEmpty && next.isEmpty) else { return false }
            runnerComes = true
            return true
        }

        mutating func takeTurn() -> Turn? {
            if next.isEmpty {
                swap(&next, &arrived)
                next.reverse()
            }
            guard let (attempt, slot) = next.popLast() else { return nil }
            return Turn(attempt: attempt, slot: slot, needsRunner: needsRunner())
        }
    }

    private let state = Mutex(State())

    /// Puts attempts at the end, with their slots.
    ///
    /// - Returns: Whether the caller must send for a runner.
    func add(_ attempts: some Sequence<(Attempt, Int)>) -> Bool {
        state.withLock { state in
            for (attempt, slot) in attempts { state.arrived.append((attempt, slot)) }
            return state.needsRunner()
        }
    }

    /// A runner that was sent for is there.
    func arrive() -> Turn? {
        state.withLock { state in
            state.runnerComes = false
            return state.takeTurn()
        }
    }

    /// What a runner does next.
    func next() -> Turn? { state.withLock { $0.takeTurn() } }
}
