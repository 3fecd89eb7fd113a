extension Workbench {
    /// A slot that is busy.
    struct Slot {
        let attempt: Attempt
        /// When it was taken.
        let since: MonotonicTime
        /// Never later than the attempt's own, which begins with its run.
        var deadline: MonotonicTime
        let batch: UInt64
        /// The index of its queue, where that has a limit.
        let limited: Int?
        var interruption: Interruption?
        /// When the job is given up although its handler has not returned.
        var givenUpAt = MonotonicTime.never
        var isGivenUp = false
    }

    /// What there is of one queue.
    struct QueueLoad {
        var state = QueueState.ready
        /// How many of its jobs run, where it has a limit.
        var running = 0
        /// For how many of its jobs slots are kept.
        var ordered = 0
        var aside = AsideTypes()
        /// The last claim was one of jobs that wait aside.
        var wasAside = false
        /// It was paused when it was last claimed from.
        var isPaused = false
        /// … and its watcher tells when it is not any more.
        var resumeIsWatched = false
        /// The last claim brought nothing to run: it leaves its turn to the others.
        var yields = false
    }

    /// How many jobs there are of a handler that has a limit.
    struct HandlerLoad {
        /// As the latest of its attempts has it.
        private(set) var most = 1
        var running = 0
        /// For how many places are kept.
        var ordered = 0

        /// How many more may be asked for.
        func room(_ limit: HandlerLimit) -> Int { max(0, limit.most - running - ordered) }

        /// Lets one start, if it may.
        ///
        /// - Parameter isOrdered: A place is kept for it.
        mutating func starts(_ limit: HandlerLimit, isOrdered: Bool) -> Bool {
            most = limit.most
            guard running + (isOrdered ? 0 : ordered) < most else { return false }
            running += 1
            return true
        }
    }

    /// What the workbench's lock guards.
    struct State {
        var slots: [Slot?]
        var free: [Int]
        var queues: [QueueLoad]
        /// By the patterns of handlers that have a limit.
        var handlers: [JobTypePattern: HandlerLoad] = [:]
        var finished: [FinishedAttempt] = []
        /// Taken by the writing loop and not answered yet.
        var unwritten = 0
        /// Could not be written; of those that are unwritten.
        var stuck: [FinishedAttempt] = []
        /// Queues whose stuck outcomes are just being written again.
        var retried: Set<QueueName> = []
        /// Slots that are kept for claims that were ordered and are not over.
        var ordered = 0
        /// Waits for work that may still bring jobs.
        var waits = 0
        var claimingIsOver = false
        /// Nothing may start any more.
        var isStopped = false
        var batch: UInt64 = 0
        /// Attempts of the last batch that still run.
        var batchLeft = 0
        var gatheringIsOver = false
        var gatherTimerRuns = false
        /// When the deadlines are looked at next.
        var nextLook = MonotonicTime.never
        /// Until then no more than one job at a time waits for a thread.
        var threadsAreShortUntil = MonotonicTime(nanoseconds: 0)
        /// Jobs have waited for a thread in vain, and none has become free since.
        var noThreadIsFree = false

        init(slots: Int, queues: Int) {
            self.slots = Array(repeating: nil, count: slots)
            free = Array((0..<slots).reversed())
            self.queues = Array(repeating: QueueLoad(), count: queues)
        }

        /// Outcomes are there and more will come at any moment.
        var gathers: Bool {
            !finished.isEmpty && batchLeft > 0 && !gatheringIsOver
                && finished.count < Workbench.flushCount
        }
        /// While outcomes cannot be written, no jobs are piled upon them.
        var isFull: Bool {
            finished.count + unwritten >= 2 * slots.count + Workbench.flushCount
        }
        /// Outcomes of this queue could not be written.
        func isHeldUp(_ queue: QueueName) -> Bool {
            if stuck.isEmpty, retried.isEmpty { return false }
            return retried.contains(queue) || stuck.contains { $0.finish.token.queue == queue }
        }
        var busy: Int { slots.count - free.count }
        /// Slots that are neither busy nor kept for an order.
        var available: Int { free.count - ordered }
        var isSettled: Bool {
            ordered == 0 && waits == 0 && finished.isEmpty && unwritten == 0
        }

        /// What outcomes that were just added call for.
        mutating func afterOutcomes() -> AfterOutcomes {
            guard gathers else { return .flush }
            if gatherTimerRuns { return .wait }
            gatherTimerRuns = true
            return .gather
        }

        /// The slot's attempt is over, or leaves it.
        mutating func free(_ slot: Slot, number: Int) {
            if let limited = slot.limited { queues[limited].running -= 1 }
            if let limit = slot.attempt.limit { handlers[limit.pattern]?.running -= 1 }
            free.append(number)
            if slot.batch == batch { batchLeft -= 1 }
        }

        /// Notes for every attempt that `reason` gives a reason for why it is to stop.
        ///
        /// - Returns: those to cancel.
        mutating func interrupt(_ reason: (Attempt) -> Interruption?) -> [Attempt] {
            slots.indices.compactMap { number in
                guard let slot = slots[number], let why = reason(slot.attempt) else { return nil }
                // A lost lease outweighs what was said before: nothing may be written any more.
                if slot.interruption == nil { slot.attempt.control.tellToStop() }
                if slot.interruption == nil || why == .leaseLost {
                    slots[number]?.interruption = why
                }
                return slot.attempt
            }
        }
    }

    /// What follows when outcomes were added.
    enum AfterOutcomes {
        /// The time to gather runs already.
        case wait
        /// It begins.
        case gather
        case flush
    }
}
