/// What becomes of jobs that were just claimed. Those whose handler runs as many as it may take no slot: they
/// wait aside in the broker, under their type, where no claim meets them until their handler has a place.
extension Workbench {
    /// What of a claim starts, and what does not.
    package struct Admission {
        /// These run, in the slots of these numbers.
        package fileprivate(set) var starting: [Attempt] = []
        package fileprivate(set) var slots: [Int] = []
        /// These go where they wait.
        package fileprivate(set) var aside: [FinishedAttempt] = []
    }

    /// Takes a slot for each attempt that may run, in the batch that was begun.
    ///
    /// - Parameter order: The attempts are what it brought.
    /// - Returns: The caller runs what starts, and adds what goes aside. `nil` after a stop: nothing may start
    ///   any more.
    package func takeUp(
        _ attempts: [Attempt], of order: ClaimOrder, now: MonotonicTime
    ) -> Admission? {
        let hasLimits = attempts.contains { $0.limit != nil }
        let (admission, isEarlier): (Admission?, Bool) = state.withLock { state in
            guard !state.isStopped else { return (nil, false) }
            var admission = Admission()
            if hasLimits || !state.queues[order.queueIndex].aside.isEmpty {
                for attempt in attempts {
                    if let place = state.place(of: attempt, of: order) {
                        admission.aside.append(attempt.putBack(place))
                    } else {
                        admission.starting.append(attempt)
                    }
                }
            } else {
                admission.starting = attempts
            }
            let isEarlier = occupy(&admission, now, &state)
            return (admission, isEarlier)
        }
        if isEarlier { deadlineBell.ring() }
        return admission
    }

    /// - Returns: Whether deadlines must be looked at earlier than it was meant before.
    private func occupy(
        _ admission: inout Admission, _ now: MonotonicTime, _ state: inout State
    ) -> Bool {
        let attempts = admission.starting
        guard !attempts.isEmpty else { return false }
        precondition(attempts.count <= state.free.count, "more was claimed than there are slots")
        state.batchLeft += attempts.count
        var first = now.advanced(by: Self.longestWaitForThread)
        admission.slots = attempts.map { attempt in
            let deadline = now.advanced(by: attempt.timeout)
            first = min(first, deadline)
            let number = state.free.removeLast()
            let limited = limitedQueue(of: attempt)
            if let limited { state.queues[limited].running += 1 }
            state.slots[number] = Slot(
                attempt: attempt, since: now, deadline: deadline, batch: state.batch,
                limited: limited)
            return number
        }
        defer { state.nextLook = min(first, state.nextLook) }
        return first < state.nextLook
    }

    /// Jobs that were told to go aside are there.
    package func areAside(_ jobs: [(queue: QueueName, type: JobType)]) {
        state.withLock { state in
            for (queue, type) in jobs {
                guard let index = index(of: queue) else { continue }
                state.queues[index].aside.arrive(type)
            }
        }
        claimBell.ring()
    }

    /// Jobs of these types wait aside, whoever has put them there.
    package func learn(_ types: [(type: JobType, limit: HandlerLimit?)], in queue: QueueName) {
        guard !types.isEmpty, let index = index(of: queue) else { return }
        state.withLock { state in
            for (type, limit) in types { state.queues[index].aside.learn(type, limit) }
        }
        claimBell.ring()
    }

    /// Handlers have these limits from now on.
    package func setLimits(_ limit: (JobType) -> HandlerLimit?) {
        state.withLock { state in
            for index in state.queues.indices { state.queues[index].aside.setLimits(limit) }
        }
        claimBell.ring()
    }

    func index(of queue: QueueName) -> Int? {
        schedule.entries.firstIndex { $0.queue == queue }
    }
}

extension Workbench.State {
    /// Where a claimed job waits; `nil`: it starts.
    fileprivate mutating func place(
        of attempt: Attempt, of order: Workbench.ClaimOrder
    ) -> PutBack? {
        let type = attempt.job.type
        let cameFromAside = order.source != .pending
        // What has come back from a run or from a lost worker is older than what waits.
        let isOld = cameFromAside || attempt.envelope.lost + attempt.envelope.released > 0
        if cameFromAside || !queues[order.queueIndex].aside.contains(type) {
            guard let limit = attempt.limit,
                !handlers[limit.pattern, default: Workbench.HandlerLoad()].starts(
                    limit, isOrdered: cameFromAside)
            else { return nil }
        }
        queues[order.queueIndex].aside.expect(type, attempt.limit)
        return isOld ? .asideFirst(type) : .aside(type)
    }
}
