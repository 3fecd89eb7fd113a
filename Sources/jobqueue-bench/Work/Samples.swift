import JobQueue
import Synchronization

/// Collects one figure from each job, and rings when all are there.
final class Samples: Sendable {
    private let values = Mutex<[Double]>([])
    private let wanted: Int
    private let bell = Bell()

    init(_ wanted: Int) {
        self.wanted = wanted
        values.withLock { $0.reserveCapacity(wanted) }
    }

    func add(_ value: Double) {
        let count = values.withLock { values in
            values.append(value)
            return values.count
        }
        if count == wanted { bell.ring() }
    }

    /// Waits for the last one.
    func all() async -> [Double] {
        await bell.wait()
        return values.withLock { $0 }
    }
}
