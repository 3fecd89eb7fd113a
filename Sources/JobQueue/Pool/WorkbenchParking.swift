/// Handlers that may run only so many jobs at once. What is claimed beyond that takes no slot: a few
/// attempts are *parked*, so that a slot which their handler leaves has work at once; what there is more
/// is put off, so that others' jobs come to the head of the line.
extension Workbench {
    /// No more attempts of one handler are parked.
    static let parkingLimit = 64
    /// For how long a job is put off that could not even be parked.
    package static let postponement = Duration.milliseconds(500)
    /// How long to wait with the next claim after one that brought what had to be put off, so that a long
    /// line of such jobs does not keep a processor busy.
    package static let pauseAfterPostponing = Duration.milliseconds(10)
    /// What is told of jobs that a drain finds parked.
    package static let busyReason = "the daemon stops, and its handler was busy"

    /// What becomes of attempts that were just claimed.
    package struct Division {
        /// These start, and count as running from now on.
        package fileprivate(set) var starting: [Attempt] = []
        /// These can neither start nor wait here.
        package fileprivate(set) var rest: [Attempt] = []
        /// Whether claiming is over: then the rest goes back to the head of the line.
        package let isOver: Bool
    }

    /// Divides attempts by the limits of their handlers, and parks some. `occupy` must follow for those
    /// that start.
    package func divide(_ attempts: [Attempt]) -> Division {
        state.withLock { state in
            var division = Division(isOver: state.claimingIsOver)
            for attempt in attempts {
                guard let limit = attempt.limit else {
                    division.starting.append(attempt)
                    continue
                }
                // The slot that a parked attempt gets may be one of another queue, so where a queue has
                // a limit of its own nothing is parked.
                let mayPark =
                    !state.claimingIsOver && !state.isStopped && limitedQueue(of: attempt) == nil
                switch state.handlers[limit.pattern, default: HandlerLoad()].admit(
                    attempt, limit, mayPark: mayPark)
                {
                case .starts: division.starting.append(attempt)
                case .parked: break
                case .refused: division.rest.append(attempt)
                }
            }
            return division
        }
    }

    /// Takes back what is parked, where `condition` holds.
    package func takeParked(where condition: (Attempt) -> Bool) -> [Attempt] {
        state.withLock { $0.takeParked(where: condition) }
    }

    /// What there is of the jobs of one handler.
    struct HandlerLoad {
        enum Place {
            case starts
            case parked
            case refused
        }

        /// As the latest of its attempts has it.
        private(set) var most = 1
        private(set) var running = 0
        /// Of those that run, those that were told to stop. Their handlers may never return, so nothing
        /// waits for these alone.
        private(set) var stopping = 0
        /// Claimed and not begun, the oldest first.
        private(set) var parked: [Attempt] = []

        mutating func admit(_ attempt: Attempt, _ limit: HandlerLimit, mayPark: Bool) -> Place {
            most = limit.most
            if running < most {
                running += 1
                return .starts
            }
            guard mayPark, stopping < running, parked.count < min(most, Workbench.parkingLimit)
            else {
                return .refused
            }
            parked.append(attempt)
            return .parked
        }

        /// One that ran is over.
        ///
        /// - Returns: The one that runs in its stead.
        mutating func leave(wasStopping: Bool, mayStart: Bool) -> Attempt? {
            running -= 1
            if wasStopping { stopping -= 1 }
            guard mayStart, running < most, !parked.isEmpty else { return nil }
            running += 1
            return parked.removeFirst()
        }

        /// One that runs was told to stop.
        mutating func noteStop() { stopping += 1 }

        mutating func takeParked(where condition: (Attempt) -> Bool) -> [Attempt] {
            let taken = parked.filter(condition)
            parked.removeAll(where: condition)
            return taken
        }
    }
}

extension Workbench.State {
    /// The slot's attempt is over.
    ///
    /// - Returns: The one that takes the slot.
    mutating func leave(_ slot: Workbench.Slot) -> Attempt? {
        guard let limit = slot.attempt.limit else { return nil }
        return handlers[limit.pattern]?
            .leave(wasStopping: slot.interruption != nil, mayStart: !isStopped)
    }

    /// The attempt is told to stop for the first time.
    mutating func noteStop(of attempt: Attempt) {
        attempt.control.tellToStop()
        if let limit = attempt.limit { handlers[limit.pattern]?.noteStop() }
    }

    /// Takes back what is parked behind handlers that were all told to stop.
    mutating func takeStuck() -> [Attempt] {
        guard !handlers.isEmpty else { return [] }
        return handlers.keys.flatMap { pattern -> [Attempt] in
            guard let load = handlers[pattern], load.stopping == load.running else { return [] }
            return handlers[pattern]?.takeParked { _ in true } ?? []
        }
    }

    mutating func takeParked(where condition: (Attempt) -> Bool) -> [Attempt] {
        handlers.keys.flatMap { handlers[$0]?.takeParked(where: condition) ?? [] }
    }
}
