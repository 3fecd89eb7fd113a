import JobQueue

extension Workbench {
    /// Takes a slot for each attempt, as one batch.
    func start(_ attempts: [Attempt], now: MonotonicTime) -> [Int]? {
        beginBatch()
        defer { endBatch() }
        return occupy(attempts, now: now)
    }

    /// Vacates a slot for which nothing is parked.
    func vacate(slot: Int, with finished: FinishedAttempt?) {
        let successor = vacate(slot: slot, with: finished, now: ManualClock.start)
        precondition(successor == nil, "nobody starts what was parked")
    }
}
