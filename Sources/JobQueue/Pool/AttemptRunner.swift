/// Runs attempts on Swift's shared pool, and brings what follows to the workbench. A class, so that each
/// task holds one reference and not all that is in here.
package final class AttemptRunner: Sendable {
    package let workbench: Workbench
    package let clock: any JobClock
    package let log: any LogSink
    package let random: RandomSource
    private let executor: (any TaskExecutor)?
    private let line = RunLine()

    package init(
        workbench: Workbench, clock: any JobClock, log: any LogSink, random: RandomSource,
        executor: (any TaskExecutor)? = nil
    ) {
        self.executor = executor
        self.workbench = workbench
        self.clock = clock
        self.log = log
        self.random = random
    }

    /// Starts what was just claimed, as far as the limits of handlers allow; the rest goes aside. What comes
    /// when nothing may start any more is given back. There must be a free slot for each.
    ///
    /// - Returns: Whether any started.
    package func start(_ attempts: [Attempt], of order: Workbench.ClaimOrder) -> Bool {
        guard !attempts.isEmpty else { return false }
        guard let admission = workbench.takeUp(attempts, of: order, now: clock.now) else {
            giveBack(attempts, reason: Workbench.stopReason)
            return false
        }
        if line.add(zip(admission.starting, admission.slots)) { sendForRunner() }
        workbench.add(admission.aside)
        return !admission.starting.isEmpty
    }

    /// Puts back what was claimed and not begun.
    package func giveBack(_ attempts: [Attempt], reason: String) {
        workbench.add(attempts.map { $0.putBack(.pending, reason: reason) })
    }

    private func sendForRunner() {
        // Nobody needs to keep it: the worker's drain waits for the attempts that it runs.
        let runner = Runner()
        runner.runs(in: Task(executorPreference: executor) { await self.work(in: runner) })
    }

    @concurrent
    private func work(in runner: Runner) async {
        var now = clock.now
        let leaves = now.advanced(by: Runner.timeLimit)
        noteThread(now)
        var turn = line.arrive()
        while let current = turn.take() {
            if current.needsRunner { sendForRunner() }
            guard current.attempt.control.begins(in: runner, at: now) else {
                turn = line.next()
                continue
            }
            now = await run(current.attempt, inSlot: current.slot, started: now)
            noteThread(now)
            // A handler can cancel the task that it runs in, too.
            let isSpent = current.attempt.control.ends() || Task.isCancelled
            turn = isSpent || now >= leaves ? nil : line.next()
        }
    }

    /// A thread is there, which is told where jobs have waited for one in vain.
    private func noteThread(_ now: MonotonicTime) {
        if workbench.wantsThreads.load(ordering: .relaxed) { workbench.noteThread(now: now) }
    }

    /// Why the attempt was told to stop. Few are, so the workbench's lock is left to others.
    private func interruption(of attempt: Attempt, inSlot number: Int) -> Workbench.Interruption? {
        attempt.control.isToldToStop ? workbench.interruption(ofSlot: number) : nil
    }

    /// - Returns: When its handler had returned.
    private func run(
        _ attempt: Attempt, inSlot number: Int, started: MonotonicTime
    ) async -> MonotonicTime {
        let kept = attempt.retention > .zero ? KeptResult() : nil
        let context = JobContext(
            log: Logger(sink: log, job: attempt.job), timeout: attempt.timeout, result: kept,
            attempt: attempt)
        #if FAILPOINTS
            if FailPoint.ackBeforeRun.isActive {
                workbench.add([resolve(attempt, .succeeded, run: .zero)].compactMap { $0 })
            }
        #endif
        var thrown: (any Error)?
        // It may have been told to stop while it waited for a thread.
        if interruption(of: attempt, inSlot: number) == nil {
            do {
                try await attempt.handler(attempt.job, context)
            } catch {
                thrown = error
            }
        } else {
            thrown = NotStarted()
        }
        return end(attempt, inSlot: number, thrown: thrown, started: started, left: kept)
    }

    /// What comes after the handler. Apart from `run`, whose variables each running job keeps on the heap.
    private func end(
        _ attempt: Attempt, inSlot number: Int, thrown: (any Error)?, started: MonotonicTime,
        left: KeptResult?
    ) -> MonotonicTime {
        let ended = clock.now
        let run = ended.since(started)
        var result = thrown.map { AttemptResult(thrown: $0) } ?? .succeeded
        if let interruption = interruption(of: attempt, inSlot: number) {
            result = interruption.result(of: attempt, whoseHandlerSaid: result)
        }
        let finished = resolve(attempt, result, run: run, left: left?.left)
        if case .putOff(let rest, _) = result, let finished {
            workbench.vacate(slot: number, putOff: finished, rest: rest, now: ended)
        } else {
            workbench.vacate(slot: number, with: finished)
        }
        return ended
    }

    private struct NotStarted: Error, CustomStringConvertible {
        let description = "it was not begun"
    }

    /// Decides what follows, with the time and the jitter of now.
    package func resolve(
        _ attempt: Attempt, _ result: AttemptResult, run: Duration?, left: LeftResult? = nil
    ) -> FinishedAttempt? {
        attempt.resolve(
            result, run: run, left: left, unixMilliseconds: clock.unixMilliseconds,
            jitter: 0.5 + random.share / 2)
    }
}

extension Workbench.Interruption {
    /// What a run that was told to stop comes to. Work that was finished all the same counts as done.
    func result(of attempt: Attempt, whoseHandlerSaid result: AttemptResult) -> AttemptResult {
        switch self {
        case .leaseLost: .lost
        case _ where result == .succeeded: .succeeded
        case .timedOut where result.isPutOff: result
        case .timedOut: .failed(reason: Self.timeoutReason(attempt) + result.lastWords)
        case .released(let reason): .released(reason: reason)
        }
    }

    static func timeoutReason(_ attempt: Attempt) -> String {
        "timed out after \(attempt.timeout.brief)"
    }
}

extension AttemptResult {
    fileprivate var isPutOff: Bool { if case .putOff = self { true } else { false } }

    /// What stands behind a reason.
    fileprivate var lastWords: String {
        if case .interrupted(let words) = self, !words.isEmpty { ": \(words)" } else { "" }
    }
}
