/// Telling attempts to stop, and giving up what does not.
extension Workbench {
    /// What a look at the deadlines has found.
    package struct Look {
        /// Told to stop, and not stopped in time.
        package fileprivate(set) var givenUp: [Attempt] = []
        /// Of those that no thread has begun with, and whose slots are free again: what is to be written.
        package fileprivate(set) var notBegun: [FinishedAttempt] = []
        /// When to look again; `nil`: when `deadlineBell` rings.
        package fileprivate(set) var next: MonotonicTime?
    }

    /// Tells what has run for too long to stop, gives up what did not stop in time, and takes back what was not
    /// begun in time.
    package func enforceDeadlines(now: MonotonicTime) -> Look {
        let (look, stopped) = state.withLock { state in
            var look = Look()
            var stopped: [Attempt] = []
            var next = MonotonicTime.never
            for number in state.slots.indices {
                guard var slot = state.slots[number], !slot.isGivenUp else { continue }
                switch slot.look(now, killGrace) {
                case .wait: break
                case .stop: stopped.append(slot.attempt)
                case .takeBack:
                    look.notBegun.append(takeBack(slot, number, &state))
                    continue
                }
                if slot.isGivenUp {
                    look.givenUp.append(slot.attempt)
                } else {
                    next = min(next, slot.nextLook(now))
                }
                state.slots[number] = slot
            }
            if !look.notBegun.isEmpty {
                state.noThreadIsFree = true
                state.threadsAreShortUntil = now.advanced(by: Self.shortageOfThreads)
                wantsThreads.store(true, ordering: .relaxed)
            }
            for queue in state.queues where !queue.aside.isEmpty {
                next = min(next, queue.aside.nextRestEnd(after: now))
            }
            state.nextLook = next
            look.next = next == .never ? nil : next
            return (look, stopped)
        }
        for attempt in stopped { attempt.control.cancel() }
        // What has rested may be claimed, and there are free slots.
        claimBell.ring()
        return look
    }

    private func takeBack(_ slot: Slot, _ number: Int, _ state: inout State) -> FinishedAttempt {
        state.slots[number] = nil
        state.free(slot, number: number)
        let type = slot.attempt.job.type
        guard let index = index(of: slot.attempt.token.queue),
            slot.attempt.limit != nil || state.queues[index].aside.contains(type)
        else { return slot.attempt.putBack(.pending, reason: Self.noThreadReason) }
        state.queues[index].aside.expect(type, slot.attempt.limit)
        return slot.attempt.putBack(.asideFirst(type), reason: Self.noThreadReason)
    }

    /// A thread has begun with an attempt, or had none to begin with.
    package func noteThread(now: MonotonicTime) {
        state.withLock { state in
            state.noThreadIsFree = false
            if now >= state.threadsAreShortUntil { wantsThreads.store(false, ordering: .relaxed) }
        }
        claimBell.ring()
    }

    /// Tells every running attempt to stop that `reason` gives a reason for.
    package func interrupt(_ reason: (Attempt) -> Interruption?) {
        let stopped = state.withLock { $0.interrupt(reason) }
        for attempt in stopped { attempt.control.cancel() }
    }

    /// Tells every running attempt to stop, and lets nothing start any more.
    package func stop() {
        let stopped = state.withLock { state in
            state.isStopped = true
            return state.interrupt { _ in .released(reason: Self.stopReason) }
        }
        for attempt in stopped { attempt.control.cancel() }
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

extension Workbench.State {
    /// How many jobs may be claimed at once, as far as threads go.
    func allowance(now: MonotonicTime) -> Int {
        guard now < threadsAreShortUntil else { return available }
        let someoneWaits = slots.contains { $0.map { $0.attempt.control.start == nil } ?? false }
        return someoneWaits ? 0 : min(available, 1)
    }
}

extension Workbench.Slot {
    fileprivate enum Step {
        case wait
        case stop
        case takeBack
    }

    fileprivate mutating func look(_ now: MonotonicTime, _ killGrace: Duration) -> Step {
        if interruption == nil {
            guard let start = attempt.control.start else {
                // The thread that is just about to begin may be faster.
                return now >= endOfWait && attempt.control.takeBack() ? .takeBack : .wait
            }
            deadline = start.advanced(by: attempt.timeout)
            guard deadline <= now else { return .wait }
            interruption = .timedOut
            attempt.control.tellToStop()
            givenUpAt = now.advanced(by: killGrace)
            isGivenUp = givenUpAt <= now
            return .stop
        }
        isGivenUp = interruption == .timedOut && givenUpAt <= now
        return .wait
    }

    /// Until when it waits for a thread.
    private var endOfWait: MonotonicTime { since.advanced(by: Workbench.longestWaitForThread) }

    fileprivate func nextLook(_ now: MonotonicTime) -> MonotonicTime {
        if interruption != nil { return givenUpAt }
        if attempt.control.start != nil { return deadline }
        // It may begin at any moment, and its time is over no earlier than this.
        return min(endOfWait, now.advanced(by: max(attempt.timeout, .milliseconds(20))))
    }
}
