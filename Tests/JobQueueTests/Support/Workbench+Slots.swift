import JobQueue

extension Workbench {
    /// Takes a slot for each attempt, as one batch.
    func start(_ attempts: [Attempt], now: MonotonicTime) -> [Int]? {
        beginBatch()
        defer { endBatch() }
        return occupy(attempts, now: now)
    }

    /// Takes a slot for each attempt, in the batch that was begun.
    func occupy(_ attempts: [Attempt], now: MonotonicTime) -> [Int]? {
        takeUp(attempts, of: ClaimOrder(queueIndex: 0, count: attempts.count), now: now)?.slots
    }

    /// Takes slots for attempts, all of which threads begin with at once.
    func run(_ attempts: [Attempt], now: MonotonicTime) -> [Int]? {
        defer { for attempt in attempts { _ = attempt.control.begins(in: Runner(), at: now) } }
        return start(attempts, now: now)
    }

    func nextClaim(share: Double = 0) -> ClaimOrder? {
        nextClaim(share: share, now: ManualClock.start)
    }
}
