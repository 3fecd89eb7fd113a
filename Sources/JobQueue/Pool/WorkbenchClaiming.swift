/// What may be claimed, and when: by an order of the claiming loop, or along with a wake-up.
extension Workbench {
    /// What to claim now; `nil`: nothing, until `claimBell` rings. After an order `note` and `claimIsOver`
    /// must follow.
    ///
    /// - Parameter share: A random number of 0..<1, for queues by weight.
    package func nextClaim(share: Double, now: MonotonicTime) -> ClaimOrder? {
        state.withLock { state in
            guard mayClaim(state), !state.gathers else { return nil }
            let most = state.allowance(now: now)
            guard most > 0, let index = pick(share, now, &state) else { return nil }
            let room = min(most, Self.claimLimit, room(for: index, state))
            if let candidate = candidate(index, now, state),
                state.queues[index].state != .ready || !state.queues[index].wasAside
            {
                return order(candidate, queueAt: index, room, &state)
            }
            state.queues[index].wasAside = false
            return order(room, queueAt: index, &state)
        }
    }

    /// The queue whose turn it is. One that had nothing to run leaves its turn to the others once.
    private func pick(_ share: Double, _ now: MonotonicTime, _ state: inout State) -> Int? {
        func mayHaveWork(_ index: Int) -> Bool {
            isOpen(index, state)
                && (state.queues[index].state == .ready || candidate(index, now, state) != nil)
        }
        let index = schedule.pick(share: share) { !state.queues[$0].yields && mayHaveWork($0) }
        if let index { return index }
        for index in state.queues.indices { state.queues[index].yields = false }
        return schedule.pick(share: share, where: mayHaveWork)
    }

    /// Jobs of the queue that wait aside and may run now.
    private func candidate(
        _ index: Int, _ now: MonotonicTime, _ state: State
    ) -> AsideTypes.Candidate? {
        guard !state.queues[index].aside.isEmpty, !state.queues[index].isPaused else { return nil }
        return state.queues[index].aside.next(now: now) { limit in
            limit.map { state.handlers[$0.pattern, default: HandlerLoad()].room($0) > 0 } ?? true
        }
    }

    private func mayClaim(_ state: State) -> Bool {
        !state.claimingIsOver && state.available > 0 && !state.isFull && !state.noThreadIsFree
    }

    /// Whether one more of the queue's jobs may run, and what becomes of them can be written.
    private func isOpen(_ index: Int, _ state: State) -> Bool {
        room(for: index, state) > 0 && !state.isHeldUp(schedule.entries[index].queue)
    }

    private func order(_ count: Int, queueAt index: Int, _ state: inout State) -> ClaimOrder {
        let order = ClaimOrder(queueIndex: index, count: min(count, room(for: index, state)))
        state.ordered += order.count
        state.queues[index].ordered += order.count
        return order
    }

    private func order(
        _ candidate: AsideTypes.Candidate, queueAt index: Int, _ room: Int, _ state: inout State
    ) -> ClaimOrder {
        var count = room
        if let limit = candidate.limit {
            count = min(room, state.handlers[limit.pattern, default: HandlerLoad()].room(limit))
            state.handlers[limit.pattern, default: HandlerLoad()].ordered += count
        }
        state.ordered += count
        state.queues[index].ordered += count
        state.queues[index].wasAside = true
        state.queues[index].aside.takeTurn(candidate.type)
        return ClaimOrder(queueIndex: index, candidate, count: count)
    }

    /// How many more jobs of the queue may run, as far as its own limit goes.
    private func room(for index: Int, _ state: State) -> Int {
        guard !limits.isEmpty, let limit = limits[index] else { return .max }
        return max(0, limit - state.queues[index].running - state.queues[index].ordered)
    }

    /// The index of the attempt's queue, where that has a limit.
    func limitedQueue(of attempt: Attempt) -> Int? {
        guard !limits.isEmpty,
            let index = schedule.entries.firstIndex(where: { $0.queue == attempt.token.queue })
        else { return nil }
        return limits[index] == nil ? nil : index
    }

    /// What an order has come to.
    ///
    /// - Parameters:
    ///   - rest: `nil`: it could not be carried out.
    ///   - isInVain: It brought jobs, and none that runs or ends.
    package func note(_ order: ClaimOrder, rest: ClaimReply.Rest?, isInVain: Bool) {
        let mustLook = state.withLock { state in
            let index = order.queueIndex
            state.queues[index].yields = isInVain
            if rest == .paused { state.queues[index].isPaused = true }
            guard case .aside(let type) = order.source else {
                state.queues[index].resumeIsWatched = rest == .paused
                return false
            }
            guard rest == .empty || rest == nil else { return false }
            return state.queues[index].aside.noteEmpty(type, since: order.arrivals)
        }
        if order.source == .pending, rest != .more { watch(queueAt: order.queueIndex) }
        if mustLook { asideBell.ring() }
    }

    /// What an order brought was taken up.
    package func claimIsOver(_ order: ClaimOrder) {
        state.withLock { state in
            state.ordered -= order.count
            state.queues[order.queueIndex].ordered -= order.count
            if let limit = order.limit { state.handlers[limit.pattern]?.ordered -= order.count }
        }
        idleBell.ring()
    }

    /// Jobs wait aside in a queue that is paused: whoever looks calls `retryPaused`.
    package var awaitsResume: Bool {
        state.withLock { $0.queues.contains { $0.isPaused && !$0.resumeIsWatched } }
    }

    /// Such queues may have been resumed.
    package func retryPaused() {
        state.withLock { state in
            for index in state.queues.indices where !state.queues[index].resumeIsWatched {
                state.queues[index].isPaused = false
            }
        }
        claimBell.ring()
    }

    /// A wait for work begins; `waitIsOver` must follow.
    ///
    /// - Returns: How many jobs may come along with the wake-up.
    package func beginWait(queueAt index: Int) -> Int {
        state.withLock { state in
            state.waits += 1
            guard !state.claimingIsOver, !state.isFull, !state.noThreadIsFree,
                isOpen(index, state)
            else { return 0 }
            return min(state.free.count, room(for: index, state), Self.wakeUpLimit)
        }
    }

    /// Orders slots for jobs that have come along with a wake-up. What is beyond the order's count cannot run
    /// here: other jobs have taken the slots meanwhile. `claimIsOver` must follow.
    package func admit(_ count: Int, queueAt index: Int) -> ClaimOrder {
        state.withLock { state in
            let isPossible = mayClaim(state) && isOpen(index, state)
            state.queues[index].wasAside = false
            return order(isPossible ? min(count, state.available) : 0, queueAt: index, &state)
        }
    }

    package func waitIsOver() {
        state.withLock { $0.waits -= 1 }
        idleBell.ring()
    }

    /// No claim is ordered from now on.
    package func endClaiming() { state.withLock { $0.claimingIsOver = true } }

    /// The queue has nothing to give for now: its watcher takes over.
    package func watch(queueAt index: Int) {
        state.withLock { $0.queues[index].state = .watched }
        watchBells[index].ring()
    }

    /// The queue may have jobs again.
    package func markReady(queueAt index: Int) {
        state.withLock { state in
            state.queues[index].state = .ready
            state.queues[index].isPaused = false
            state.queues[index].resumeIsWatched = false
        }
        claimBell.ring()
    }

    package func isWatched(queueAt index: Int) -> Bool {
        state.withLock { $0.queues[index].state == .watched }
    }
}
