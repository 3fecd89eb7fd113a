/// One run of one claimed job: everything that is known before it starts. A class, because it is large
/// and handed on from the claim to a slot, a task and what follows.
package final class Attempt: Sendable {
    package let token: LeaseToken
    package let envelope: Envelope
    package let job: Job
    package let handler: JobHandler
    package let timeout: Duration
    package let retry: RetryPolicy
    /// For how long the job's end is kept; zero: not at all.
    package let retention: Duration
    /// From when the job was due to the claim, where that says something: at a first attempt that came with
    /// the time of its enqueue, or of when it became pending.
    package let wait: Duration?
    /// How many jobs of its handler run at once; `nil`: any number.
    package let limit: HandlerLimit?
    /// When it is done, nothing is kept of it, and nothing but its record is given back.
    let endsPlainly: Bool
    package let control = RunControl()

    init(
        token: LeaseToken, envelope: Envelope, job: Job, handler: @escaping JobHandler,
        timeout: Duration, retry: RetryPolicy, retention: Duration, wait: Duration?,
        limit: HandlerLimit?
    ) {
        self.token = token
        self.envelope = envelope
        self.job = job
        self.handler = handler
        self.timeout = timeout
        self.retry = retry
        self.retention = retention
        self.wait = wait
        self.limit = limit
        endsPlainly =
            retention <= .zero && envelope.uniqueKey == nil && Self.isSmall(envelope)
    }
}

/// What a claimed record turned out to be.
package enum ClaimedRecord: Sendable {
    case attempt(Attempt)
    /// It can never run; here is its end.
    case dead(FinishedAttempt)
}

/// An attempt that is over, and what follows. It holds the attempt until the outcome is written, so that
/// the loop gives back the memory that it took: where one thread takes and another gives back, they wait
/// for each other.
package struct FinishedAttempt: Sendable {
    private enum End {
        /// The most frequent end, `endsPlainly`. Whoever ran the attempt has it at hand, and touches nothing
        /// else of the job: what follows is made by the loop, which made the job.
        case done(Attempt, run: Duration?)
        /// All others; no attempt: of something large, or of a record that could not be read.
        indirect case other(Finish, JobEvent?, of: Attempt?)
    }

    private let end: End

    package init(finish: Finish, event: JobEvent?, of attempt: Attempt? = nil) {
        end = .other(finish, event, of: attempt)
    }

    fileprivate init(done attempt: Attempt, run: Duration?) { end = .done(attempt, run: run) }

    /// What is to be written.
    package var finish: Finish {
        switch end {
        case .done(let attempt, _): Finish(token: attempt.token, outcome: .ack)
        case .other(let finish, _, _): finish
        }
    }

    /// The same, to be sent once more. A plain ack stays as it is: whoever refused it wrote nothing of it.
    var sentAgain: FinishedAttempt {
        guard case .other(var finish, let event, let attempt) = end else { return self }
        finish.isReplay = true
        return FinishedAttempt(finish: finish, event: event, of: attempt)
    }

    /// What is to be told when it is written; `nil`: nothing.
    package var event: JobEvent? {
        switch end {
        case .done(let attempt, let run):
            JobEvent(attempt.job, .done, wait: attempt.wait, run: run)
        case .other(_, let event, _): event
        }
    }

    /// The type that its job waits aside under from now on; `nil`: it does not.
    var typeAside: JobType? {
        switch end {
        case .done: nil
        case .other(let finish, _, _): finish.outcome.typeAside
        }
    }
}

/// Reads what was claimed, and decides what can run.
package struct ClaimReader: Sendable {
    package let registry: HandlerRegistry
    package let options: WorkerOptions
    /// Runs suspects; `nil`: they run like every other job.
    package let suspects: (any SuspectRunner)?
    private let told = ToldFields()

    /// A job whose worker was lost so often while it ran is a suspect: it may be what that died of.
    package static let lossesOfSuspect = 2

    package init(
        registry: HandlerRegistry, options: WorkerOptions, suspects: (any SuspectRunner)? = nil
    ) {
        self.registry = registry
        self.options = options
        self.suspects = suspects
    }

    /// Looks at what one claim brought. `unixMilliseconds` is now.
    ///
    /// - Returns: What can run, and the ends of what cannot, each in order.
    package func read(
        _ claims: ArraySlice<Claim>, unixMilliseconds: Int64
    ) -> (attempts: [Attempt], dead: [FinishedAttempt]) {
        var attempts: [Attempt] = []
        var dead: [FinishedAttempt] = []
        attempts.reserveCapacity(claims.count)
        // Jobs come in rows of one type, whose handler then is looked up once.
        var last: (type: JobType, entry: HandlerRegistry.Entry?)?
        for claim in claims {
            let record = read(claim, unixMilliseconds: unixMilliseconds) { type in
                if let last, last.type == type { return last.entry }
                let entry = registry.entry(for: type)
                last = (type, entry)
                return entry
            }
            switch record {
            case .attempt(let attempt): attempts.append(attempt)
            case .dead(let finished): dead.append(finished)
            }
        }
        return (attempts, dead)
    }

    /// Looks at one record. `unixMilliseconds` is now.
    package func read(_ claim: Claim, unixMilliseconds: Int64) -> ClaimedRecord {
        read(claim, unixMilliseconds: unixMilliseconds, entryOf: registry.entry)
    }

    private func read(
        _ claim: Claim, unixMilliseconds: Int64,
        entryOf: (JobType) -> HandlerRegistry.Entry?
    ) -> ClaimedRecord {
        if let all = claim.all {
            return .dead(
                unreadable(
                    claim, reason: "the record has \(all.size) bytes, more than any job's",
                    at: unixMilliseconds))
        }
        let envelope: Envelope
        do {
            envelope = try Envelope(claim.envelope, maxPayload: options.maxPayload)
        } catch {
            return .dead(unreadable(claim, reason: error.description, at: unixMilliseconds))
        }
        let id = envelope.id ?? JobID(firstClaim: claim.token)
        let entry = entryOf(envelope.type)
        let retry = entry?.options.retry ?? options.retry
        let maxAttempts =
            envelope.maxAttempts ?? entry?.options.maxAttempts ?? retry.maxAttempts
        let job = Job(
            id: id, type: envelope.type, queue: claim.token.queue, payload: envelope.payload,
            attempt: envelope.attempts + 1, maxAttempts: maxAttempts,
            enqueuedAt: envelope.enqueuedAt, headers: envelope.headers)
        let attempt = Attempt(
            token: claim.token, envelope: envelope, job: job,
            handler: handler(of: envelope, entry),
            timeout: envelope.timeout ?? entry?.options.timeout ?? options.timeout, retry: retry,
            retention: envelope.retention ?? entry?.options.retention ?? .zero,
            wait: waited(envelope, until: unixMilliseconds), limit: entry?.limit)
        if entry == nil {
            return .dead(
                attempt.neverRun(
                    reason: "no handler for type \(envelope.type)", at: unixMilliseconds))
        }
        if envelope.attempts >= maxAttempts {
            return .dead(
                attempt.neverRun(
                    reason: "all \(maxAttempts) attempts were used up before", at: unixMilliseconds)
            )
        }
        return .attempt(attempt)
    }

    /// Stands where a job that is not run has no handler.
    private static let noHandler: JobHandler = { _, _ in }

    private func handler(of envelope: Envelope, _ entry: HandlerRegistry.Entry?) -> JobHandler {
        guard let entry else { return Self.noHandler }
        guard let suspects, !entry.runsApart, envelope.lost >= Self.lossesOfSuspect else {
            guard let field = envelope.misunderstoodField,
                told.isFirst(field, of: envelope.type)
            else { return entry.handler }
            return Self.warning(of: field, entry.handler)
        }
        return { [losses = envelope.lost] job, context in
            try await suspects.run(job, context, losses: losses)
        }
    }

    /// Runs the job all the same: what its producer has meant is not known here.
    private static func warning(
        of field: String, _ handler: @escaping JobHandler
    ) -> JobHandler {
        { job, context in
            context.log.warning(
                "the field \(field) in this job's record means nothing here, so the job runs as if it were not "
                    + "there; this is told once for each type")
            try await handler(job, context)
        }
    }

    private func waited(_ envelope: Envelope, until now: Int64) -> Duration? {
        guard envelope.attempts == 0, envelope.lost == 0, envelope.released == 0,
            let since = envelope.pendingSince
        else { return nil }
        let (waited, overflow) = now.subtractingReportingOverflow(since)
        return overflow ? nil : .milliseconds(max(0, waited))
    }

    private func unreadable(_ claim: Claim, reason: String, at now: Int64) -> FinishedAttempt {
        let id = JobID(firstClaim: claim.token)
        // Its bytes are kept as they came, but for a mark of our own.
        let raw = claim.all == nil ? PendingStamp.removed(from: claim.envelope) : claim.envelope
        let record = UndecodableRecord(
            id: id, raw: raw, all: claim.all, lastError: reason, failedAt: now)
        return FinishedAttempt(
            finish: Finish(
                token: claim.token, outcome: .deadLetter(envelope: record.encoded())),
            event: JobEvent(
                id: id, type: nil, queue: claim.token.queue, attempt: 0, maxAttempts: 0,
                kind: .dead(reason: reason)))
    }
}

extension Attempt {
    /// The end of a job that cannot be run at all: dead, no attempt used. Its event tells of the
    /// last attempt that was made.
    fileprivate func neverRun(reason: String, at unixMilliseconds: Int64) -> FinishedAttempt {
        let record = envelope.updated(
            EnvelopeChanges(id: job.id, lastError: reason, failedAt: unixMilliseconds))
        return FinishedAttempt(
            finish: Finish(
                token: token, outcome: .deadLetter(envelope: record), unique: uniqueKey,
                receipt: receipt(
                    .dead, of: record, attempt: envelope.attempts, startedAt: nil,
                    endedAt: unixMilliseconds)),
            event: JobEvent(
                id: job.id, type: job.type, queue: job.queue, attempt: envelope.attempts,
                maxAttempts: job.maxAttempts, kind: .dead(reason: reason)))
    }

    /// Whether it may be held until its outcome is written. That can take as long as the broker is away, and
    /// payloads would fill the memory.
    var isSmall: Bool { Self.isSmall(envelope) }

    fileprivate static func isSmall(_ envelope: Envelope) -> Bool { envelope.bytes.count <= 4096 }

    /// It is done, and `endsPlainly`.
    func done(run: Duration?) -> FinishedAttempt { FinishedAttempt(done: self, run: run) }

    package var uniqueKey: UniqueKey? {
        envelope.uniqueKey.map { UniqueKey(key: $0, holder: job.id) }
    }

    package func event(_ kind: JobEvent.Kind, run: Duration?) -> JobEvent {
        guard isSmall else {
            return JobEvent(
                id: job.id, type: job.type, queue: job.queue, attempt: job.attempt,
                maxAttempts: job.maxAttempts, kind: kind, wait: wait, run: run)
        }
        return JobEvent(job, kind, wait: wait, run: run)
    }
}
