import Synchronization

/// What the sides of a worker share: its slots, the attempts that are over, and what is known of its
/// queues. Handlers' threads put in, the claiming and the writing loop take out; nothing waits inside
/// the lock.
///
/// Attempts that started together mostly end together. So outcomes gather until the last claimed
/// batch is over, or 64 are there, or 2 ms have passed; then the outcomes and the next claim leave in
/// one round trip.
package final class Workbench: Sendable {
    /// What is known of a queue.
    package enum QueueState: Sendable, Equatable {
        /// It may have jobs.
        case ready
        /// It was empty, paused or failing when last asked: somebody watches it.
        case watched
    }

    /// Why a running attempt was told to stop.
    package enum Interruption: Sendable, Equatable {
        case timedOut
        case released(reason: String)
        case leaseLost
    }

    /// What a claim may ask for.
    package struct ClaimOrder: Sendable, Equatable {
        package let queueIndex: Int
        package let count: Int
    }

    /// So many outcomes are written without waiting for more.
    static let flushCount = 64
    /// The longest time that an outcome waits for others.
    package static let gatherTime = Duration.milliseconds(2)
    /// What is told of jobs that a drain gives back when its time is over.
    package static let stopReason = "the daemon was stopped"
    /// No claim asks for more.
    static let claimLimit = 500
    /// No more jobs come along with a wake-up: there is mostly one, and where there are many, a claim
    /// follows.
    package static let wakeUpLimit = 4

    /// Rings when something may be claimed.
    package let claimBell = Bell()
    /// Rings when outcomes should be written.
    package let flushBell = Bell()
    /// Rings when outcomes could not be written: whoever listens calls `retryStuck` after a while.
    package let stuckBell = Bell()
    /// Rings when outcomes begin to gather: whoever listens calls `endGathering` after `gatherTime`.
    package let gatherBell = Bell()
    /// Rings when a slot's deadline may be earlier than those before.
    package let deadlineBell = Bell()
    /// Rings when the last busy slot becomes free, the last outcome is written, or a claim is over.
    package let idleBell = Bell()
    /// One for each queue; rings when it should be watched.
    package let watchBells: [Bell]

    let schedule: QueueSchedule
    /// For each queue how many of its jobs run at most; empty: none has a limit.
    let limits: [Int?]
    let killGrace: Duration
    let state: Mutex<State>

    package init(options: WorkerOptions) {
        schedule = options.schedule
        limits =
            options.queueLimits.isEmpty
            ? [] : schedule.queues.map { options.queueLimits[$0] }
        killGrace = options.killGrace
        watchBells = schedule.entries.map { _ in Bell() }
        state = Mutex(
            State(
                slots: Array(repeating: nil, count: options.slots),
                free: Array((0..<options.slots).reversed()),
                queues: Array(repeating: .ready, count: schedule.entries.count),
                running: Array(repeating: 0, count: limits.count)))
    }

    // MARK: - Running

    /// What `occupy` takes slots for from now on is one batch, until `endBatch`.
    package func beginBatch() {
        state.withLock { state in
            state.batch += 1
            // One more stands for those to come.
            state.batchLeft = 1
            state.gatheringIsOver = false
        }
    }

    /// All attempts of the batch have slots.
    package func endBatch() {
        let next = state.withLock { state in
            state.batchLeft -= 1
            return state.finished.isEmpty ? .wait : state.afterOutcomes()
        }
        ring(next)
    }

    /// Takes a slot for each attempt, in the batch that was begun.
    ///
    /// - Returns: The slots' numbers, in order. The caller runs each. `nil` after a stop: nothing may start
    ///   any more.
    package func occupy(_ attempts: [Attempt], now: MonotonicTime) -> [Int]? {
        let deadlines = attempts.map { now.advanced(by: $0.timeout) }
        let first = deadlines.min() ?? .never
        let (numbers, isEarlier): ([Int]?, Bool) = state.withLock { state in
            guard !state.isStopped else { return (nil, false) }
            precondition(
                attempts.count <= state.free.count, "more was claimed than there are slots")
            state.batchLeft += attempts.count
            let isEarlier = first < state.nextLook
            state.nextLook = min(first, state.nextLook)
            let numbers = zip(attempts, deadlines).map { attempt, deadline in
                let number = state.free.removeLast()
                let limited = limitedQueue(of: attempt)
                if let limited { state.running[limited] += 1 }
                state.slots[number] = Slot(
                    attempt: attempt, deadline: deadline, batch: state.batch, limited: limited)
                return number
            }
            return (numbers, isEarlier)
        }
        if isEarlier { deadlineBell.ring() }
        return numbers
    }

    /// Why the attempt in this slot was told to stop; `nil`: it was not.
    package func interruption(ofSlot number: Int) -> Interruption? {
        state.withLock { $0.slots[number]?.interruption }
    }

    /// Frees the slot, and keeps what is to be written. What a job that was given up still brings is
    /// dropped.
    ///
    /// - Returns: The parked attempt that has the slot now: the caller starts it like those of `occupy`.
    package func vacate(
        slot number: Int, with finished: FinishedAttempt?, now: MonotonicTime
    ) -> Attempt? {
        let (next, isIdle, isEarlier, successor) = state.withLock {
            state -> (AfterOutcomes, Bool, Bool, Attempt?) in
            guard let slot = state.slots[number].take() else {
                return (.wait, false, false, nil)
            }
            var isEarlier = false
            if let limited = slot.limited { state.running[limited] -= 1 }
            if let finished, !slot.isGivenUp { state.finished.append(finished) }
            let successor = state.leave(slot)
            if let successor {
                let deadline = now.advanced(by: successor.timeout)
                // It stands for the other in the batch, too, so that outcomes go on gathering.
                state.slots[number] = Slot(
                    attempt: successor, deadline: deadline, batch: slot.batch, limited: nil)
                isEarlier = deadline < state.nextLook
                state.nextLook = min(deadline, state.nextLook)
            } else {
                state.free.append(number)
                if slot.batch == state.batch { state.batchLeft -= 1 }
            }
            return (state.afterOutcomes(), state.busy == 0, isEarlier, successor)
        }
        ring(next)
        if isIdle { idleBell.ring() }
        if isEarlier { deadlineBell.ring() }
        return successor
    }

    /// The time to gather is over: what is there is written now.
    package func endGathering() {
        state.withLock { state in
            state.gatherTimerRuns = false
            state.gatheringIsOver = true
        }
        flushBell.ring()
        claimBell.ring()
    }

    /// Busy slots, and all slots.
    package var occupancy: (busy: Int, slots: Int) {
        state.withLock { ($0.busy, $0.slots.count) }
    }
}

// MARK: - Writing

extension Workbench {
    /// Adds ends that free no slot: of records that can never run, and of jobs that are given up.
    package func add(_ finished: [FinishedAttempt]) {
        guard !finished.isEmpty else { return }
        let next = state.withLock { state in
            state.finished += finished
            return state.afterOutcomes()
        }
        ring(next)
    }

    private func ring(_ next: AfterOutcomes) {
        switch next {
        case .wait: break
        case .gather: gatherBell.ring()
        case .flush:
            flushBell.ring()
            claimBell.ring()
        }
    }

    /// Takes the outcomes to be written now; empty while they gather. `settled` must follow.
    package func takeFinished() -> [FinishedAttempt] {
        state.withLock { state in
            guard !state.gathers else { return [] }
            state.unwritten += state.finished.count
            var taken: [FinishedAttempt] = []
            swap(&taken, &state.finished)
            return taken
        }
    }

    /// What was taken is dealt with, but for those that could not be written: they stay, and their
    /// queues are not claimed from until they are written.
    ///
    /// - Returns: the queues that were in such trouble and are not any more.
    package func settled(_ batch: [FinishedAttempt], stuck: [FinishedAttempt]) -> [QueueName] {
        let (mayClaim, freed): (Bool, Set<QueueName>) = state.withLock { state in
            let wasFull = state.isFull
            state.unwritten -= batch.count - stuck.count
            state.stuck += stuck
            if state.retried.isEmpty { return (wasFull, []) }
            let tried = state.retried.intersection(batch.map(\.finish.token.queue))
            state.retried.subtract(tried)
            return (true, tried.filter { !state.isHeldUp($0) })
        }
        if !stuck.isEmpty { stuckBell.ring() }
        if mayClaim { claimBell.ring() }
        idleBell.ring()
        return Array(freed)
    }

    /// What could not be written is to be written again.
    package func retryStuck() {
        state.withLock { state in
            state.retried.formUnion(state.stuck.map(\.finish.token.queue))
            state.unwritten -= state.stuck.count
            state.finished = state.stuck + state.finished
            state.stuck = []
            state.gatheringIsOver = true
        }
        flushBell.ring()
    }

    /// No job runs, and nothing is open with the broker.
    package var isIdle: Bool {
        state.withLock { $0.busy == 0 && !$0.hasParked && $0.isSettled }
    }

    /// No claim is open and no outcome waits to be written, whatever still runs.
    package var isSettled: Bool { state.withLock { $0.isSettled } }
}
