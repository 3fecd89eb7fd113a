import Synchronization

/// How an attempt's run is told to stop. It has locks of its own, so that no run waits for others to
/// learn whether it is to go on.
package struct RunControl: ~Copyable, Sendable {
    private let stops = Atomic(false)
    private let runner = Mutex<Runner?>(nil)

    /// Whether there is a reason to stop; the workbench knows which.
    var isToldToStop: Bool { stops.load(ordering: .acquiring) }

    /// From now on `isToldToStop`. `cancel` must follow.
    func tellToStop() { stops.store(true, ordering: .releasing) }

    /// Cancels the runner, as soon as there is one, and as long as it runs this attempt.
    func cancel() { runner.withLock { $0 }?.cancel() }

    /// The runner runs this attempt, until `ends`.
    package func begins(in runner: Runner) {
        self.runner.withLock { $0 = runner }
        // Who told it to stop before this may not have found the runner.
        if isToldToStop { runner.cancel() }
    }

    /// The attempt is over.
    ///
    /// - Returns: Whether its runner is or will be cancelled, and so can run no other.
    package func ends() -> Bool {
        runner.withLock { $0 = nil }
        // Who found the runner before this had told the attempt to stop before that.
        return isToldToStop
    }
}
