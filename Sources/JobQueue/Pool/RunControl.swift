import Synchronization

/// How far an attempt's run has come.
enum RunPhase {
    case waits
    /// It waited for too long, and does not begin any more.
    case takenBack
    case runs(Runner, since: MonotonicTime)
    case over(MonotonicTime)
}

/// How an attempt's run is told to stop, and whether it has begun. It has locks of its own, so that no run
/// waits for others to learn whether it is to go on.
package struct RunControl: ~Copyable, Sendable {
    private let stops = Atomic(false)
    private let phase = Mutex(RunPhase.waits)

    /// Whether there is a reason to stop; the workbench knows which.
    var isToldToStop: Bool { stops.load(ordering: .acquiring) }

    /// From now on `isToldToStop`. `cancel` must follow.
    func tellToStop() { stops.store(true, ordering: .releasing) }

    /// Cancels the runner, as soon as there is one, and as long as it runs this attempt.
    func cancel() {
        let runner: Runner? = phase.withLock {
            if case .runs(let runner, _) = $0 { runner } else { nil }
        }
        runner?.cancel()
    }

    /// When it began; `nil`: it has not.
    var start: MonotonicTime? {
        phase.withLock { phase in
            switch phase {
            case .waits, .takenBack: nil
            case .runs(_, let start), .over(let start): start
            }
        }
    }

    /// Has it not begin any more.
    ///
    /// - Returns: `false`: it has begun.
    func takeBack() -> Bool {
        phase.withLock { phase in
            guard case .waits = phase else { return false }
            phase = .takenBack
            return true
        }
    }

    /// The runner runs this attempt, until `ends`.
    ///
    /// - Returns: `false`: it was taken back, and must not run.
    package func begins(in runner: Runner, at now: MonotonicTime) -> Bool {
        let mayRun = phase.withLock { phase in
            guard case .waits = phase else { return false }
            phase = .runs(runner, since: now)
            return true
        }
        // Who told it to stop before this may not have found the runner.
        if mayRun, isToldToStop { runner.cancel() }
        return mayRun
    }

    /// Its time runs from `now` on.
    package func restarts(at now: MonotonicTime) {
        phase.withLock { phase in
            if case .runs(let runner, _) = phase { phase = .runs(runner, since: now) }
        }
    }

    /// The attempt is over.
    ///
    /// - Returns: Whether its runner is or will be cancelled, and so can run no other.
    package func ends() -> Bool {
        phase.withLock { phase in
            if case .runs(_, let start) = phase { phase = .over(start) }
        }
        // Who found the runner before this had told the attempt to stop before that.
        return isToldToStop
    }
}
