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
    /// Interrupted by no fault of its own: no attempt is used.
    case released(reason: String)
    /// The job belongs to another worker now: nothing is written.
    case lost

    /// What a handler's error means.
    package init(thrown error: any Error) {
        switch error {
        case let error as SkipRetry: self = .failedForGood(reason: error.description)
        case let error as Interrupted: self = .interrupted(lastWords: error.lastWords)
        case let error as RetryAfter: self = .failedFor(error.delay, reason: error.description)
        default: self = .failed(reason: String(describing: error))
        }
    }
}

extension Attempt {
    /// Decides what follows a run.
    ///
    /// - Parameters:
    ///   - unixMilliseconds: Now, for the record.
    ///   - jitter: The share of the wait to keep, 0.5...1.
    /// - Returns: `nil` when nothing may be written, because the job is not this worker's any more.
    package func resolve(
        _ result: AttemptResult, run: Duration?, unixMilliseconds: Int64, jitter: Double
    ) -> FinishedAttempt? {
        switch result {
        case .succeeded:
            return finished(.ack, .done, run)
        case .failed(let reason):
            let delay = retry.delay(afterFailureOf: job.attempt, jitter: jitter)
            return failed(reason, retryAfter: delay, run, unixMilliseconds)
        case .failedFor(let delay, let reason):
            return failed(reason, retryAfter: max(delay, .zero), run, unixMilliseconds)
        case .interrupted(let lastWords):
            // The handler was told by somebody else than the worker.
            let reason = lastWords.isEmpty ? "interrupted" : "interrupted: \(lastWords)"
            return resolve(
                .failed(reason: reason), run: run, unixMilliseconds: unixMilliseconds,
                jitter: jitter)
        case .failedForGood(let reason):
            return failed(reason, retryAfter: nil, run, unixMilliseconds)
        case .released(let reason):
            let changes = EnvelopeChanges(id: job.id, released: envelope.released + 1)
            return finished(
                .release(envelope: envelope.updated(changes)), .released(reason: reason), run)
        case .lost:
            return nil
        }
    }

    private func failed(
        _ reason: String, retryAfter delay: Duration?, _ run: Duration?, _ unixMilliseconds: Int64
    ) -> FinishedAttempt {
        let reason = ErrorText.clipped(reason)
        let record = envelope.updated(
            EnvelopeChanges(
                id: job.id, attempts: job.attempt, lastError: reason, failedAt: unixMilliseconds))
        guard let delay, job.attempt < job.maxAttempts else {
            return finished(.deadLetter(envelope: record), .dead(reason: reason), run)
        }
        return finished(
            .retry(after: delay, envelope: record), .retried(after: delay, reason: reason), run)
    }

    private func finished(
        _ outcome: Outcome, _ kind: JobEvent.Kind, _ run: Duration?
    ) -> FinishedAttempt {
        let endsJob =
            switch outcome {
            case .ack, .deadLetter: true
            case .retry, .release: false
            }
        return FinishedAttempt(
            finish: Finish(token: token, outcome: outcome, unique: endsJob ? uniqueKey : nil),
            event: event(kind, run: run))
    }
}
