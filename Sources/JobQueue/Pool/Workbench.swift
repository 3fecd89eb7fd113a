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

    private struct Slot {
        let attempt: Attempt
        let deadline: MonotonicTime
        let batch: UInt64
        var task: Task<Void, Never>?
        var interruption: Interruption?
        /// When the job is given up although its handler has not returned.
        var givenUpAt = MonotonicTime.never
        var isGivenUp = false
    }

    private struct State {
        var slots: [Slot?]
        var free: [Int]
        var queues: [QueueState]
        var finished: [FinishedAttempt] = []
        /// Taken by the writing loop and not answered yet.
        var unwritten = 0
        var batch: UInt64 = 0
        /// Attempts of the last batch that still run.
        var batchLeft = 0
        var gatheringIsOver = false
        var gatherTimerRuns = false
        /// When the deadlines are looked at next.
        var nextLook = MonotonicTime.never

        /// Outcomes are there and more will come at any moment.
        var gathers: Bool {
            !finished.isEmpty && batchLeft > 0 && !gatheringIsOver
                && finished.count < Workbench.flushCount
        }
        /// While outcomes cannot be written, no jobs are piled upon them.
        var isFull: Bool {
            finished.count + unwritten >= 2 * slots.count + Workbench.flushCount
        }
        var busy: Int { slots.count - free.count }
    }

    /// So many outcomes are written without waiting for more.
    static let flushCount = 64
    /// The longest time that an outcome waits for others.
    package static let gatherTime = Duration.milliseconds(2)
    /// No claim asks for more.
    static let claimLimit = 500

    /// Rings when something may be claimed.
    package let claimBell = Bell()
    /// Rings when outcomes should be written.
    package let flushBell = Bell()
    /// Rings when outcomes begin to gather: whoever listens calls `endGathering` after `gatherTime`.
    package let gatherBell = Bell()
    /// Rings when a slot's deadline may be earlier than those before.
    package let deadlineBell = Bell()
    /// Rings when the last busy slot becomes free, or the last outcome is written.
    package let idleBell = Bell()
    /// One for each queue; rings when it should be watched.
    package let watchBells: [Bell]

    private let schedule: QueueSchedule
    private let killGrace: Duration
    private let state: Mutex<State>

    package init(options: WorkerOptions) {
        schedule = options.schedule
        killGrace = options.killGrace
        watchBells = schedule.entries.map { _ in Bell() }
        state = Mutex(
            State(
                slots: Array(repeating: nil, count: options.slots),
                free: Array((0..<options.slots).reversed()),
                queues: Array(repeating: .ready, count: schedule.entries.count)))
    }

    // MARK: - Claiming

    /// What to claim now; `nil`: nothing, until `claimBell` rings.
    ///
    /// - Parameter share: A random number of 0..<1, for queues by weight.
    package func nextClaim(share: Double) -> ClaimOrder? {
        state.withLock { state in
            guard !state.free.isEmpty, !state.gathers, !state.isFull,
                let index = schedule.pick(share: share, where: { state.queues[$0] == .ready })
            else { return nil }
            return ClaimOrder(queueIndex: index, count: min(state.free.count, Self.claimLimit))
        }
    }

    /// The queue has nothing to give for now: its watcher takes over.
    package func watch(queueAt index: Int) {
        state.withLock { $0.queues[index] = .watched }
        watchBells[index].ring()
    }

    /// The queue may have jobs again.
    package func markReady(queueAt index: Int) {
        state.withLock { $0.queues[index] = .ready }
        claimBell.ring()
    }

    package func isWatched(queueAt index: Int) -> Bool {
        state.withLock { $0.queues[index] == .watched }
    }

    // MARK: - Running

    /// Takes a slot for each attempt, as one batch.
    ///
    /// - Returns: The slots' numbers, in order. The caller starts a task for each and reports it with
    ///   `started`.
    package func occupy(_ attempts: [Attempt], now: MonotonicTime) -> [Int] {
        let first = attempts.reduce(.never) { min($0, now.advanced(by: $1.timeout)) }
        let (numbers, isEarlier) = state.withLock { state in
            precondition(attempts.count <= state.free.count, "more was claimed than there are slots")
            state.batch += 1
            state.batchLeft = attempts.count
            state.gatheringIsOver = false
            let isEarlier = first < state.nextLook
            state.nextLook = min(first, state.nextLook)
            let numbers = attempts.map { attempt in
                let number = state.free.removeLast()
                state.slots[number] = Slot(
                    attempt: attempt, deadline: now.advanced(by: attempt.timeout),
                    batch: state.batch)
                return number
            }
            return (numbers, isEarlier)
        }
        if isEarlier { deadlineBell.ring() }
        return numbers
    }

    /// The task that runs the attempt in this slot, so that it can be cancelled.
    package func started(_ task: Task<Void, Never>, inSlot number: Int, of token: LeaseToken) {
        let interrupted = state.withLock { state in
            // It may be over already, and the slot taken by another.
            guard state.slots[number]?.attempt.token == token else { return false }
            state.slots[number]?.task = task
            return state.slots[number]?.interruption != nil
        }
        if interrupted { task.cancel() }
    }

    /// Why the attempt in this slot was told to stop; `nil`: it was not.
    package func interruption(ofSlot number: Int) -> Interruption? {
        state.withLock { $0.slots[number]?.interruption }
    }

    /// Frees the slot, and keeps what is to be written. What a job that was given up still brings is
    /// dropped.
    package func vacate(slot number: Int, with finished: FinishedAttempt?) {
        let (flush, gather, idle) = state.withLock { state in
            guard let slot = state.slots[number] else { return (false, false, false) }
            state.slots[number] = nil
            state.free.append(number)
            if let finished, !slot.isGivenUp { state.finished.append(finished) }
            if slot.batch == state.batch { state.batchLeft -= 1 }
            let gathers = state.gathers
            let startsTimer = gathers && !state.gatherTimerRuns
            if startsTimer { state.gatherTimerRuns = true }
            return (!gathers, startsTimer, state.busy == 0)
        }
        if flush {
            flushBell.ring()
            claimBell.ring()
        }
        if gather { gatherBell.ring() }
        if idle { idleBell.ring() }
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
    /// Adds ends that need no slot (records that can never run).
    package func add(_ finished: [FinishedAttempt]) {
        guard !finished.isEmpty else { return }
        state.withLock { $0.finished += finished }
        flushBell.ring()
    }

    /// Takes the outcomes to be written now; empty while they gather. `written` must follow.
    package func takeFinished() -> [FinishedAttempt] {
        state.withLock { state in
            guard !state.gathers else { return [] }
            defer { state.finished.removeAll(keepingCapacity: true) }
            state.unwritten += state.finished.count
            return state.finished
        }
    }

    /// These many that were taken are dealt with.
    package func written(_ count: Int) {
        let wasFull = state.withLock { state in
            defer { state.unwritten -= count }
            return state.isFull
        }
        if wasFull { claimBell.ring() }
        idleBell.ring()
    }

    /// No job runs, and no outcome waits to be written.
    package var isIdle: Bool {
        state.withLock { $0.busy == 0 && $0.finished.isEmpty && $0.unwritten == 0 }
    }

    /// No outcome waits to be written, whatever still runs.
    package var isWritten: Bool {
        state.withLock { $0.finished.isEmpty && $0.unwritten == 0 }
    }
}

// MARK: - Interrupting

extension Workbench {
    /// Tells what has run for too long to stop, and gives up what did not stop in time.
    ///
    /// - Returns: What was given up, and when to look again (`nil`: when `deadlineBell` rings).
    package func enforceDeadlines(now: MonotonicTime) -> (givenUp: [Attempt], next: MonotonicTime?) {
        let (givenUp, tasks, next) = state.withLock { state in
            var givenUp: [Attempt] = []
            var tasks: [Task<Void, Never>] = []
            var next = MonotonicTime.never
            for number in state.slots.indices {
                guard var slot = state.slots[number], !slot.isGivenUp else { continue }
                if slot.interruption == nil, slot.deadline <= now {
                    slot.interruption = .timedOut
                    slot.givenUpAt = now.advanced(by: killGrace)
                    if let task = slot.task { tasks.append(task) }
                }
                if slot.interruption == .timedOut, slot.givenUpAt <= now {
                    slot.isGivenUp = true
                    givenUp.append(slot.attempt)
                } else {
                    next = min(next, slot.interruption == nil ? slot.deadline : slot.givenUpAt)
                }
                state.slots[number] = slot
            }
            state.nextLook = next
            return (givenUp, tasks, next == .never ? nil : next)
        }
        for task in tasks { task.cancel() }
        return (givenUp, next)
    }

    /// Tells every running attempt to stop that `reason` gives a reason for.
    package func interrupt(_ reason: (Attempt) -> Interruption?) {
        let tasks = state.withLock { state in
            state.slots.indices.compactMap { number -> Task<Void, Never>? in
                guard let slot = state.slots[number], let why = reason(slot.attempt) else {
                    return nil
                }
                // A lost lease outweighs what was said before: nothing may be written any more.
                if slot.interruption == nil || why == .leaseLost {
                    state.slots[number]?.interruption = why
                }
                return slot.task
            }
        }
        for task in tasks { task.cancel() }
    }

    /// Gives up every attempt that still runs, whatever its handler does.
    ///
    /// - Returns: those whose job is still this worker's.
    package func giveUpAll() -> [Attempt] {
        state.withLock { state in
            state.slots.indices.compactMap { number in
                guard let slot = state.slots[number], !slot.isGivenUp else { return nil }
                state.slots[number]?.isGivenUp = true
                return slot.interruption == .leaseLost ? nil : slot.attempt
            }
        }
    }
}
