import JobQueue
import Synchronization

/// Who waits for work, in which queue.
final class WaitingRoom: Sendable {
    private struct State {
        var bells: [UInt64: (queue: QueueName, bell: Bell)] = [:]
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    var isEmpty: Bool { state.withLock { $0.bells.isEmpty } }

    /// - Returns: the number to leave with.
    func enter(_ queue: QueueName, _ bell: Bell) -> UInt64 {
        state.withLock { state in
            state.next += 1
            state.bells[state.next] = (queue, bell)
            return state.next
        }
    }

    func leave(_ number: UInt64) { state.withLock { _ = $0.bells.removeValue(forKey: number) } }

    /// Wakes all who wait in one of `queues`.
    func ring(_ queues: Set<QueueName>) {
        guard !queues.isEmpty else { return }
        let bells = state.withLock { state in
            state.bells.values.filter { queues.contains($0.queue) }.map(\.bell)
        }
        for bell in bells { bell.ring() }
    }
}
