/// What may be claimed, and when: by an order of the claiming loop, or along with a wake-up.
extension Workbench {
    /// What to claim now; `nil`: nothing, until `claimBell` rings. After an order `claimIsOver` must
    /// follow.
    ///
    /// - Parameter share: A random number of 0..<1, for queues by weight.
    package func nextClaim(share: Double) -> ClaimOrder? {
        state.withLock { state in
            guard mayClaim(state), !state.gathers,
                let index = schedule.pick(
                    share: share,
                    where: { state.queues[$0] == .ready && isOpen($0, state) })
            else { return nil }
            return order(min(state.available, Self.claimLimit), queueAt: index, &state)
        }
    }

    private func mayClaim(_ state: State) -> Bool {
        !state.claimingIsOver && state.available > 0 && !state.isFull
    }

    /// Whether one more of the queue's jobs may run, and what becomes of them can be written.
    private func isOpen(_ index: Int, _ state: State) -> Bool {
        room(for: index, state) > 0 && !state.isHeldUp(schedule.entries[index].queue)
    }

    private func order(_ count: Int, queueAt index: Int, _ state: inout State) -> ClaimOrder {
        let order = ClaimOrder(queueIndex: index, count: min(count, room(for: index, state)))
        state.ordered += order.count
        return order
    }

    /// How many more jobs of the queue may run, as far as its own limit goes.
    private func room(for index: Int, _ state: State) -> Int {
        guard !limits.isEmpty, let limit = limits[index] else { return .max }
        return max(0, limit - state.running[index])
    }

    /// The index of the attempt's queue, where that has a limit.
    func limitedQueue(of attempt: Attempt) -> Int? {
        guard !limits.isEmpty,
            let index = schedule.entries.firstIndex(where: { $0.queue == attempt.token.queue })
        else { return nil }
        return limits[index] == nil ? nil : index
    }

    /// What an order brought was taken up.
    package func claimIsOver(_ order: ClaimOrder) {
        state.withLock { $0.ordered -= order.count }
        idleBell.ring()
    }

    /// A wait for work begins; `waitIsOver` must follow.
    ///
    /// - Returns: How many jobs may come along with the wake-up.
    package func beginWait(queueAt index: Int) -> Int {
        state.withLock { state in
            state.waits += 1
            guard !state.claimingIsOver, !state.isFull, isOpen(index, state) else { return 0 }
            return min(state.free.count, room(for: index, state), Self.wakeUpLimit)
        }
    }

    /// Orders slots for jobs that have come along with a wake-up. What is beyond the order's count cannot run
    /// here: other jobs have taken the slots meanwhile. `claimIsOver` must follow.
    package func admit(_ count: Int, queueAt index: Int) -> ClaimOrder {
        state.withLock { state in
            let isPossible = mayClaim(state) && isOpen(index, state)
            return order(isPossible ? min(count, state.available) : 0, queueAt: index, &state)
        }
    }

    package func waitIsOver() {
        state.withLock { $0.waits -= 1 }
        idleBell.ring()
    }

    /// No claim is ordered, and nothing is parked, from now on.
    ///
    /// - Returns: What was parked, to be given back.
    package func endClaiming() -> [Attempt] {
        state.withLock { state in
            state.claimingIsOver = true
            return state.takeParked { _ in true }
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
}
