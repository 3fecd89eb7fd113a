import Synchronization
import TestSupport

/// Looks at the queues while faults happen: some promises hold at every moment.
final class Watch: Sendable {
    private let ground: any Ground
    private let found = Mutex<[String]>([])

    init(_ ground: any Ground) { self.ground = ground }

    /// What did not hold.
    var problems: [String] { found.withLock { $0 } }

    /// Looks again and again until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            look()
            await pause(.milliseconds(500))
        }
    }

    /// - Returns: whether every job has ended in time.
    func awaitEnd(within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let snapshot = look(), snapshot.living.isEmpty { return true }
            await pause(.milliseconds(100))
        }
        return false
    }

    @discardableResult
    private func look() -> QueueSnapshot? {
        // Redis may be away, a file held by others.
        guard let snapshot = try? ground.snapshot() else { return nil }
        let problems = Verdict.problems(during: snapshot)
        if !problems.isEmpty { found.withLock { $0 += problems.prefix(5) } }
        return snapshot
    }
}
