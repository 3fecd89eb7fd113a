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

    /// Starts what was just claimed, as far as the limits of handlers allow. There must be a free slot for
    /// each. What comes when nothing may start any more is given back.
    ///
    /// - Returns: Whether some had to be put off.
    package func start(_ attempts: [Attempt]) -> Bool {
        guard attempts.contains(where: { $0.limit != nil }) else {
            occupy(attempts)
            return false
        }
        let division = workbench.divide(attempts)
        occupy(division.starting)
        if division.isOver {
            giveBack(division.rest, reason: Workbench.busyReason)
            return false
        }
        workbench.add(division.rest.map { $0.postponed(for: Workbench.postponement) })
        return !division.rest.isEmpty
    }

    /// Releases what was claimed and not begun.
    package func giveBack(_ attempts: [Attempt], reason: String) {
        workbench.add(attempts.compactMap { resolve($0, .released(reason: reason), run: nil) })
    }

    private func occupy(_ attempts: [Attempt]) {
        guard !attempts.isEmpty else { return }
        guard let numbers = workbench.occupy(attempts, now: clock.now) else {
            return giveBack(attempts, reason: Workbench.stopReason)
        }
        if line.add(zip(attempts, numbers)) { sendForRunner() }
    }

    private func sendForRunner() {
        // Nobody needs to keep it: the worker's drain waits for the attempts that it runs.
        let runner = Runner()
        runner.runs(in: Task(executorPreference: executor) { await self.work(in: runner) })
    }

    @concurrent
    private func work(in runner: Runner) async {
        let leaves = clock.now.advanced(by: Runner.timeLimit)
        var turn = line.arrive()
        while let current = turn.take() {
            if current.needsRunner { sendForRunner() }
            current.attempt.control.begins(in: runner)
            let ended = await run(current.attempt, inSlot: current.slot)
            // A handler can cancel the task that it runs in, too.
            let isSpent = current.attempt.control.ends() || Task.isCancelled
            turn = isSpent || ended >= leaves ? nil : line.next()
        }
    }

    /// Why the attempt was told to stop. Few are, so the workbench's lock is left to others.
    private func interruption(of attempt: Attempt, inSlot number: Int) -> Workbench.Interruption? {
        attempt.control.isToldToStop ? workbench.interruption(ofSlot: number) : nil
    }

    /// - Returns: When its handler had returned.
    private func run(_ attempt: Attempt, inSlot number: Int) async -> MonotonicTime {
        let started = clock.now
        let kept = attempt.retention > .zero ? KeptResult() : nil
        let context = JobContext(
            log: Logger(sink: log, job: attempt.job), timeout: attempt.timeout, result: kept)
        #if FAILPOINTS
            if FailPoint.ackBeforeRun.isActive {
                workbench.add([resolve(attempt, .succeeded, run: .zero)].compactMap { $0 })
            }
        #endif
        var thrown: (any Error)?
        // Where handlers hold every thread, an attempt may get one only when its time is over, and its
        // job is somebody else's by then.
        if interruption(of: attempt, inSlot: number) == nil {
            do {
                try await attempt.handler(attempt.job, context)
            } catch {
                thrown = error
            }
        } else {
            thrown = NotBegun()
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
        let successor = workbench.vacate(
            slot: number, with: resolve(attempt, result, run: run, left: left?.left), now: ended)
        if let successor, line.add([(successor, number)]) { sendForRunner() }
        return ended
    }

    private struct NotBegun: Error, CustomStringConvertible {
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
        case .timedOut: .failed(reason: Self.timeoutReason(attempt) + result.lastWords)
        case .released(let reason): .released(reason: reason)
        }
    }

    static func timeoutReason(_ attempt: Attempt) -> String {
        "timed out after \(attempt.timeout.brief)"
    }
}

extension AttemptResult {
    /// What stands behind a reason.
    fileprivate var lastWords: String {
        if case .interrupted(let words) = self, !words.isEmpty { ": \(words)" } else { "" }
    }
}
