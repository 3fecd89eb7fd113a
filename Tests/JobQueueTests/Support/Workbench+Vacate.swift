import JobQueue

extension Workbench {
    /// Vacates a slot for which nothing is parked.
    func vacate(slot: Int, with finished: FinishedAttempt?) {
        let successor = vacate(slot: slot, with: finished, now: ManualClock.start)
        precondition(successor == nil, "nobody starts what was parked")
    }
}
