import Synchronization

/// How an attempt's run is told to stop. It has locks of its own, so that no run waits for others to
/// learn whether it is to go on.
package struct RunControl: ~Copyable, Sendable {
    private let stops = Atomic(false)
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Whether there is a reason to stop; the workbench knows which.
    var isToldToStop: Bool { stops.load(ordering: .acquiring) }

    /// From now on `isToldToStop`. `cancel` must follow.
    func tellToStop() { stops.store(true, ordering: .releasing) }

    /// Cancels the task, as soon as it is known. May call back whatever waits in it, so no lock is held.
    func cancel() { task.withLock { $0 }?.cancel() }

    /// The task that runs the attempt.
    package func runs(in task: Task<Void, Never>) {
        self.task.withLock { $0 = task }
        // Who told it to stop before this may not have found the task.
        if isToldToStop { task.cancel() }
    }
}
