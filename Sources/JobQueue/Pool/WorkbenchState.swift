extension Workbench {
    /// A slot that is busy.
    struct Slot {
        let attempt: Attempt
        let deadline: MonotonicTime
        let batch: UInt64
        /// The index of its queue, where that has a limit.
        let limited: Int?
        var interruption: Interruption?
        /// When the job is given up although its handler has not returned.
        var givenUpAt = MonotonicTime.never
        var isGivenUp = false
    }

    /// What the workbench's lock guards.
    struct State {
        var slots: [Slot?]
        var free: [Int]
        var queues: [QueueState]
        /// How many jobs run of each queue that has a limit.
        var running: [Int]
        /// What there is of the jobs of each handler that has a limit.
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
        var hasParked: Bool { handlers.values.contains { !$0.parked.isEmpty } }
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

        /// Notes for every attempt that `reason` gives a reason for why it is to stop.
        ///
        /// - Returns: those to cancel.
        mutating func interrupt(_ reason: (Attempt) -> Interruption?) -> [Attempt] {
            slots.indices.compactMap { number in
                guard let slot = slots[number], let why = reason(slot.attempt) else { return nil }
                // A lost lease outweighs what was said before: nothing may be written any more.
                if slot.interruption == nil { noteStop(of: slot.attempt) }
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
