import Synchronization

/// Children that cannot be told to end: they run as another user by now, as what is set-user-ID does.
package final class RefusedSignals: Sendable {
    private let processes = Mutex<Set<Int32>>([])
    private let isNew: @Sendable (_ process: Int32) -> Void

    /// - Parameter isNew: Called once for each child.
    package init(isNew: @escaping @Sendable (_ process: Int32) -> Void = { _ in }) {
        self.isNew = isNew
    }

    /// Those that still run, sorted.
    package var current: [Int32] { processes.withLock { $0.sorted() } }

    func note(_ process: Int32) {
        if processes.withLock({ $0.insert(process).inserted }) { isNew(process) }
    }

    func clear(_ process: Int32) { processes.withLock { _ = $0.remove(process) } }
}
