/// How one run of a handler ended.
package enum AttemptResult: Sendable, Equatable {
    case succeeded
    case failed(reason: String)
    /// Failed, and trying again cannot help.
    case failedForGood(reason: String)
    /// Failed, and the handler names the wait.
    case failedFor(Duration, reason: String)
    /// It stopped as it was told.
    case interrupted(lastWords: String)
    /// It could not be begun, by no fault of its own: no attempt is used, and jobs of its type wait for so long.
    case putOff(Duration, reason: String)
    /// Interrupted by no fault of its own: no attempt is used.
    case released(reason: String)
    /// The job belongs to another worker now: nothing is written.
    case lost

    /// What a handler's error means.
    package init(thrown error: any Error) {
        switch error {
        case let error as SkipRetry: self = .failedForGood(reason: error.description)
        case let error as Interrupted: self = .interrupted(lastWords: error.lastWords)
        case let error as PutOff: self = .putOff(error.delay, reason: error.description)
        case let error as RetryAfter: self = .failedFor(error.delay, reason: error.description)
        default: self = .failed(reason: ErrorText.of(error))
        }
    }
}

extension Attempt {
    /// Decides what follows a run.
    ///
    /// - Parameters:
    ///   - left: What the handler left as the job's result.
    ///   - unixMilliseconds: Now, for records; not asked for after a success of which nothing is kept.
    ///   - jitter: The share of the wait to keep, 0.5...1; asked for where there is a wait.
    /// - Returns: `nil` when nothing may be written, because the job is not this worker's any more.
    package func resolve(
        _ result: AttemptResult, run: Duration?, left: LeftResult? = nil,
        unixMilliseconds: @autoclosure () -> Int64, jitter: @autoclosure () -> Double
    ) -> FinishedAttempt? {
        switch result {
        case .succeeded where endsPlainly:
            return done(run: run)
        case .succeeded:
            guard retention > .zero else { return finished(.ack, .done, run) }
            return finished(
                .ack, .done, run, receipt: doneReceipt(left, run, endedAt: unixMilliseconds()))
        case .failed(let reason):
            let delay = retry.delay(afterFailureOf: job.attempt, jitter: jitter())
            return failed(reason, retryAfter: delay, run, unixMilliseconds())
        case .failedFor(let delay, let reason):
            guard delay <= Self.longestWait else {
                // A slip of units would put the job off for ever, and nobody would see it.
                let reason =
                    "\(reason) (asked to wait for \(delay.brief), and \(Self.longestWait.brief) is the "
                    + "most)"
                return failed(reason, retryAfter: Self.longestWait, run, unixMilliseconds())
            }
            return failed(reason, retryAfter: max(delay, .zero), run, unixMilliseconds())
        case .interrupted(let lastWords):
            // The handler was told by somebody else than the worker.
            let reason = lastWords.isEmpty ? "interrupted" : "interrupted: \(lastWords)"
            return resolve(
                .failed(reason: reason), run: run, unixMilliseconds: unixMilliseconds(),
                jitter: jitter())
        case .failedForGood(let reason):
            return failed(reason, retryAfter: nil, run, unixMilliseconds())
        case .released(let reason):
            let changes = EnvelopeChanges(id: job.id, released: envelope.released + 1)
            return finished(
                .release(envelope: envelope.updated(changes)), .released(reason: reason), run)
        case .putOff(let delay, let reason):
            return FinishedAttempt(
                finish: Finish(token: token, outcome: .putBack(.asideFirst(job.type))),
                event: event(.putOff(after: delay, reason: reason), run: nil),
                of: isSmall ? self : nil)
        case .lost:
            return nil
        }
    }

    /// The longest wait that a handler can ask for.
    package static let longestWait = Duration.seconds(365 * 86_400)

    /// Puts back a job that was claimed and not begun.
    ///
    /// - Parameter reason: For the log; `nil`: nothing is said.
    package func putBack(_ place: PutBack, reason: String? = nil) -> FinishedAttempt {
        FinishedAttempt(
            finish: Finish(token: token, outcome: .putBack(place)),
            event: reason.map { event(.released(reason: $0), run: nil) }, of: isSmall ? self : nil)
    }

    private func failed(
        _ reason: String, retryAfter delay: Duration?, _ run: Duration?, _ unixMilliseconds: Int64
    ) -> FinishedAttempt {
        let reason = ErrorText.clipped(reason)
        let startedAt = Self.start(of: run, endedAt: unixMilliseconds)
        var failures = envelope.failures
        failures.append(
            FailedAttempt(
                number: job.attempt, startedAt: startedAt, endedAt: unixMilliseconds,
                reason: reason))
        var changes = EnvelopeChanges(
            id: job.id, attempts: job.attempt, lastError: reason, failedAt: unixMilliseconds)
        changes.failures = failures
        let record = envelope.updated(changes)
        guard let delay, job.attempt < job.maxAttempts else {
            return finished(
                .deadLetter(envelope: record), .dead(reason: reason), run,
                receipt: receipt(
                    .dead, of: record, attempt: job.attempt, startedAt: startedAt,
                    endedAt: unixMilliseconds))
        }
        return finished(
            .retry(after: delay, envelope: record), .retried(after: delay, reason: reason), run)
    }

    private func finished(
        _ outcome: Outcome, _ kind: JobEvent.Kind, _ run: Duration?, receipt: KeptReceipt? = nil
    ) -> FinishedAttempt {
        let endsJob =
            switch outcome {
            case .ack, .deadLetter: true
            case .retry, .release, .putBack: false
            }
        return FinishedAttempt(
            finish: Finish(
                token: token, outcome: outcome, unique: endsJob ? uniqueKey : nil,
                receipt: receipt),
            event: event(kind, run: run), of: isSmall ? self : nil)
    }
}

// MARK: - What is kept

extension Attempt {
    private func doneReceipt(
        _ left: LeftResult?, _ run: Duration?, endedAt: Int64
    ) -> KeptReceipt? {
        receipt(
            .done, of: envelope.updated(EnvelopeChanges(id: job.id, attempts: job.attempt)),
            attempt: job.attempt, startedAt: Self.start(of: run, endedAt: endedAt),
            endedAt: endedAt, left: left)
    }

    /// `nil`: nothing is kept of this job.
    func receipt(
        _ end: JobReceipt.End, of record: [UInt8], attempt: Int, startedAt: Int64?,
        endedAt: Int64, left: LeftResult? = nil
    ) -> KeptReceipt? {
        guard retention > .zero else { return nil }
        let receipt = JobReceipt(
            end: end, attempt: attempt, startedAt: startedAt, endedAt: endedAt, result: left?.json,
            envelope: record, isResultCut: left?.isCut ?? false)
        return KeptReceipt(id: job.id, record: receipt.encoded(), lifetime: retention)
    }

    /// When a run began, Unix milliseconds, by the clock of its end.
    private static func start(of run: Duration?, endedAt: Int64) -> Int64 {
        max(0, endedAt - max(0, run?.wholeMilliseconds ?? 0))
    }
}
