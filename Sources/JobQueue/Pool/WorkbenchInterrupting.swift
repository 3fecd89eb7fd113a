/// Telling attempts to stop, and giving up what does not.
extension Workbench {
    /// Tells what has run for too long to stop, and gives up what did not stop in time.
    ///
    /// - Returns: What was given up, what is not parked any more because it would wait for handlers that
    ///   may never return, and when to look again (`nil`: when `deadlineBell` rings).
    package func enforceDeadlines(
        now: MonotonicTime
    ) -> (givenUp: [Attempt], stuck: [Attempt], next: MonotonicTime?) {
        let (givenUp, stuck, stopped, next) = state.withLock { state in
            var givenUp: [Attempt] = []
            var stopped: [Attempt] = []
            var next = MonotonicTime.never
            for number in state.slots.indices {
                guard var slot = state.slots[number], !slot.isGivenUp else { continue }
                if slot.interruption == nil, slot.deadline <= now {
                    slot.interruption = .timedOut
                    state.noteStop(of: slot.attempt)
                    slot.givenUpAt = now.advanced(by: killGrace)
                    stopped.append(slot.attempt)
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
            return (givenUp, state.takeStuck(), stopped, next == .never ? nil : next)
        }
        for attempt in stopped { attempt.control.cancel() }
        return (givenUp, stuck, next)
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

    /// Gives up every attempt that still runs, whatever its handler does, and what is parked.
    ///
    /// - Returns: those whose job is still this worker's.
    package func giveUpAll() -> [Attempt] {
        state.withLock { state in
            let running: [Attempt] = state.slots.indices.compactMap { number in
                guard let slot = state.slots[number], !slot.isGivenUp else { return nil }
                state.slots[number]?.isGivenUp = true
                return slot.interruption == .leaseLost ? nil : slot.attempt
            }
            return running + state.takeParked { _ in true }
        }
    }
}
