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
        package let source: ClaimSource
        package let count: Int
        /// Places of this handler are kept for what comes.
        fileprivate(set) var limit: HandlerLimit?
        /// What was known of the source when it was made.
        fileprivate(set) var arrivals: UInt64 = 0

        package init(queueIndex: Int, source: ClaimSource = .pending, count: Int) {
            self.queueIndex = queueIndex
            self.source = source
            self.count = count
        }

        init(queueIndex: Int, _ candidate: AsideTypes.Candidate, count: Int) {
            self.init(queueIndex: queueIndex, source: .aside(candidate.type), count: count)
            limit = candidate.limit
            arrivals = candidate.arrivals
        }
    }

    /// So many outcomes are written without waiting for more.
    static let flushCount = 64
    /// The longest time that an outcome waits for others.
    package static let gatherTime = Duration.milliseconds(2)
    /// What is told of jobs that a drain gives back when its time is over.
    package static let stopReason = "the daemon was stopped"
    /// No claim asks for more.
    static let claimLimit = 500
    /// A job that got no thread for so long goes back to where others may run it.
    package static let longestWaitForThread = Duration.milliseconds(500)
    /// For how long fewer jobs are claimed after that.
    package static let shortageOfThreads = Duration.seconds(10)
    /// What is told of such a job.
    package static let noThreadReason =
        "other handlers held every thread for \(longestWaitForThread.brief)"
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
    /// Rings when the broker should be asked what waits aside.
    package let asideBell = Bell()
    /// One for each queue; rings when it should be watched.
    package let watchBells: [Bell]

    let schedule: QueueSchedule
    /// For each queue how many of its jobs run at most; empty: none has a limit.
    let limits: [Int?]
    let killGrace: Duration
    let state: Mutex<State>
    /// Whether `noteThread` wants to be told.
    let wantsThreads = Atomic(false)

    package init(options: WorkerOptions) {
        schedule = options.schedule
        limits =
            options.queueLimits.isEmpty
            ? [] : schedule.queues.map { options.queueLimits[$0] }
        killGrace = options.killGrace
        watchBells = schedule.entries.map { _ in Bell() }
        state = Mutex(
            State(slots: options.slots, queues: schedule.entries.count))
    }

    // MARK: - Running

    /// What `takeUp` takes slots for from now on is one batch, until `endBatch`.
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

    /// Why the attempt in this slot was told to stop; `nil`: it was not.
    package func interruption(ofSlot number: Int) -> Interruption? {
        state.withLock { $0.slots[number]?.interruption }
    }

    /// Frees the slot, and keeps what is to be written. What a job that was given up still brings is
    /// dropped.
    package func vacate(slot number: Int, with finished: FinishedAttempt?) {
        let (next, isIdle) = state.withLock { state -> (AfterOutcomes, Bool) in
            guard let slot = state.slots[number].take() else { return (.wait, false) }
            if let finished, !slot.isGivenUp { state.finished.append(finished) }
            state.free(slot, number: number)
            return (state.afterOutcomes(), state.busy == 0)
        }
        ring(next)
        if isIdle { idleBell.ring() }
    }

    /// The same for a job that its handler has not begun with: those of its type rest for a while, aside.
    package func vacate(
        slot number: Int, putOff finished: FinishedAttempt, rest: Duration, now: MonotonicTime
    ) {
        let time = now.advanced(by: rest)
        let isEarlier = state.withLock { state in
            guard let slot = state.slots[number], !slot.isGivenUp, let type = finished.typeAside,
                let index = index(of: slot.attempt.token.queue)
            else { return false }
            state.queues[index].aside.expect(type, slot.attempt.limit)
            state.queues[index].aside.rest(type, until: time)
            defer { state.nextLook = min(time, state.nextLook) }
            return time < state.nextLook
        }
        vacate(slot: number, with: finished)
        if isEarlier { deadlineBell.ring() }
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
        state.withLock { $0.busy == 0 && $0.isSettled }
    }

    /// No claim is open and no outcome waits to be written, whatever still runs.
    package var isSettled: Bool { state.withLock { $0.isSettled } }
}
