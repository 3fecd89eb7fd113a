import JobQueue
import Testing

@Suite("What follows an attempt")
struct AttemptResultTests {
    private static let now: Int64 = 1_700_000_001_234
    private static let options: WorkerOptions = {
        let retry = RetryPolicy(base: .seconds(2), max: .seconds(60), maxAttempts: 5)
        return Sample.options(retry: retry)
    }()

    private static func attempt(_ fields: String = "") -> Attempt {
        Sample.attempt(Sample.record("a", fields), options: options)
    }

    private func resolve(
        _ result: AttemptResult, of attempt: Attempt = attempt(), run: Duration? = .seconds(3),
        jitter: Double = 0.5
    ) throws -> FinishedAttempt {
        try #require(
            attempt.resolve(result, run: run, unixMilliseconds: Self.now, jitter: jitter))
    }

    // MARK: - Errors of handlers

    private struct Oops: Error, CustomStringConvertible {
        let description = "out of paper"
    }

    @Test("an error of a handler is a failure with the error's own words")
    func anyError() {
        #expect(AttemptResult(thrown: Oops()) == .failed(reason: "out of paper"))
        #expect(
            AttemptResult(thrown: CancellationError()) == .failed(reason: "CancellationError()"))
    }

    @Test("a handler can say that trying again cannot help")
    func skipRetry() {
        #expect(
            AttemptResult(thrown: SkipRetry("no such user"))
                == .failedForGood(reason: "no such user"))
    }

    @Test("a handler can say when to try again")
    func retryAfter() {
        #expect(
            AttemptResult(thrown: RetryAfter(.seconds(90), "the quota is used up"))
                == .failedFor(.seconds(90), reason: "the quota is used up"))
        #expect(
            AttemptResult(thrown: RetryAfter(.seconds(1)))
                == .failedFor(.seconds(1), reason: "asked to be run later"))
    }

    @Test("a wait of more than a year is a year, and the reason says so")
    func retryAfterEver() throws {
        for delay in [Duration.seconds(365 * 86_400 + 1), .milliseconds(Int64.max)] {
            let finished = try resolve(.failedFor(delay, reason: "later"))
            guard case .retried(let wait, let reason) = finished.event?.kind else {
                Issue.record("\(String(describing: finished.event?.kind))")
                continue
            }
            #expect(wait == .seconds(365 * 86_400))
            #expect(reason.hasPrefix("later (asked to wait for "))
            #expect(reason.hasSuffix("365d is the most)"))
        }
    }

    @Test("an outcome that waits to be written holds no large payload", arguments: [10, 100_000])
    func letsGo(size: Int) throws {
        let payload = String(repeating: "x", count: size)
        var attempt: Attempt? = Self.attempt(#""payload":"\#(payload)""#)
        weak let held = attempt
        weak let job = attempt?.job
        let finished = try attempt.map { try resolve(.succeeded, of: $0) }
        attempt = nil
        #expect((held == nil) == (size > 4096))
        #expect((job == nil) == (size > 4096))
        #expect(finished?.event?.id.description == "a")
        #expect(finished?.event?.attempt == 1)
    }

    // MARK: - What is kept

    @Test("of a job whose end is kept there is a receipt, with what its handler left")
    func doneReceipt() throws {
        let attempt = Self.attempt(#""retention_ms":60000,"attempts":2"#)
        let result = Payload(Array(#"{"n": 1}"#.utf8))
        let finished = try #require(
            attempt.resolve(
                .succeeded, run: .seconds(3), left: LeftResult(json: result, isCut: true),
                unixMilliseconds: Self.now, jitter: 1))
        let kept = try #require(finished.finish.receipt)
        #expect(finished.finish.outcome == .ack)
        #expect(kept.id == Sample.id("a"))
        #expect(kept.lifetime == .seconds(60))
        let receipt = try #require(JobReceipt(kept.record))
        #expect(receipt.end == .done)
        #expect(receipt.attempt == 3)
        #expect(receipt.startedAt == Self.now - 3000)
        #expect(receipt.endedAt == Self.now)
        #expect(receipt.result?.text == #"{"n": 1}"#)
        #expect(receipt.isResultCut)
        #expect(try Sample.envelope(receipt.envelope).attempts == 3)
    }

    @Test("of one that dies, too; of one that is tried again or given back there is none")
    func deadReceipt() throws {
        let attempt = Self.attempt(#""retention_ms":60000"#)
        let dead = try resolve(.failedForGood(reason: "no such user"), of: attempt)
        let receipt = try #require(dead.finish.receipt.flatMap { JobReceipt($0.record) })
        #expect(receipt.end == .dead)
        #expect(try Sample.envelope(receipt.envelope).lastError == "no such user")
        #expect(try resolve(.failed(reason: "x"), of: attempt).finish.receipt == nil)
        #expect(try resolve(.released(reason: "x"), of: attempt).finish.receipt == nil)
        let forgotten = Self.attempt(#""retention_ms":0"#)
        #expect(try resolve(.succeeded, of: forgotten).finish.receipt == nil)
        #expect(try resolve(.succeeded).finish.receipt == nil)
    }

    @Test("the record of a job that failed tells of each attempt")
    func failures() throws {
        let first = try resolve(.failed(reason: "one"))
        guard case .retry(_, let record) = first.finish.outcome else {
            throw TestFailure("not retried")
        }
        let attempt = Sample.attempt(record, options: Self.options)
        let second = try resolve(.failedForGood(reason: "two"), of: attempt, run: .seconds(1))
        guard case .deadLetter(let last) = second.finish.outcome else {
            throw TestFailure("not dead")
        }
        #expect(
            try Sample.envelope(last).failures.attempts == [
                FailedAttempt(
                    number: 1, startedAt: Self.now - 3000, endedAt: Self.now, reason: "one"),
                FailedAttempt(
                    number: 2, startedAt: Self.now - 1000, endedAt: Self.now, reason: "two"),
            ])
    }

    private struct TestFailure: Error {
        init(_ text: Comment) { Issue.record(text) }
    }

    // MARK: - Outcomes

    @Test("a job that succeeded is acknowledged")
    func done() throws {
        let finished = try resolve(.succeeded)
        #expect(finished.finish.outcome == .ack)
        #expect(finished.finish.token == Sample.token(1))
        #expect(!finished.finish.isReplay)
        #expect(
            finished.event
                == JobEvent(
                    id: Sample.id("a"), type: Sample.type("work"), queue: .default, attempt: 1,
                    maxAttempts: 5, kind: .done, wait: nil, run: .seconds(3)))
    }

    @Test("a job that failed is tried again after the wait of its policy, and remembers why")
    func retried() throws {
        let finished = try resolve(
            .failed(reason: "out of paper"), of: Self.attempt(#""attempts":2"#))
        guard case .retry(let delay, let bytes) = finished.finish.outcome else {
            Issue.record("not a retry: \(finished.finish.outcome)")
            return
        }
        // The third attempt: 2 s, 4 s, 8 s; half of it is kept.
        #expect(delay == .seconds(4))
        let envelope = try Sample.envelope(bytes)
        #expect(envelope.attempts == 3)
        #expect(envelope.lastError == "out of paper")
        #expect(envelope.failedAt == Self.now)
        #expect(envelope.released == 0)
        #expect(finished.event?.kind == .retried(after: .seconds(4), reason: "out of paper"))
        #expect(finished.event?.attempt == 3)
    }

    @Test("a job that fails its last attempt is dead")
    func lastAttempt() throws {
        let attempt = Self.attempt(#""attempts":4"#)
        let finished = try resolve(.failed(reason: "out of paper"), of: attempt)
        guard case .deadLetter(let bytes) = finished.finish.outcome else {
            Issue.record("not dead: \(finished.finish.outcome)")
            return
        }
        let envelope = try Sample.envelope(bytes)
        #expect(envelope.attempts == 5)
        #expect(envelope.lastError == "out of paper")
        #expect(envelope.failedAt == Self.now)
        #expect(finished.event?.kind == .dead(reason: "out of paper"))
    }

    @Test("a job that fails its last but one attempt is tried again")
    func lastButOne() throws {
        let attempt = Self.attempt(#""attempts":3"#)
        let finished = try resolve(.failed(reason: "out of paper"), of: attempt)
        #expect(finished.event?.kind == .retried(after: .seconds(8), reason: "out of paper"))
    }

    @Test("a job that failed for good is dead at its first attempt")
    func failedForGood() throws {
        let finished = try resolve(.failedForGood(reason: "no such user"))
        guard case .deadLetter(let bytes) = finished.finish.outcome else {
            Issue.record("not dead: \(finished.finish.outcome)")
            return
        }
        #expect(try Sample.envelope(bytes).attempts == 1)
        #expect(finished.event?.kind == .dead(reason: "no such user"))
    }

    @Test(
        "the wait that a handler names is taken as it is, within zero and a year",
        arguments: [
            (Duration.seconds(90), Duration.seconds(90)), (.zero, .zero), (.seconds(-5), .zero),
            (.seconds(Int64.min), .zero), (.seconds(Int64.max), Attempt.longestWait),
            (.seconds(7200), .seconds(7200)),
        ])
    func namedWait(asked: Duration, taken: Duration) throws {
        let finished = try resolve(.failedFor(asked, reason: "later"))
        guard case .retry(let delay, let bytes) = finished.finish.outcome else {
            Issue.record("not a retry: \(finished.finish.outcome)")
            return
        }
        #expect(delay == taken)
        #expect(try Sample.envelope(bytes).attempts == 1)
    }

    @Test("a handler that names a wait at the last attempt has a dead job")
    func namedWaitAtTheEnd() throws {
        let finished = try resolve(
            .failedFor(.seconds(1), reason: "later"), of: Self.attempt(#""attempts":4"#))
        #expect(finished.event?.kind == .dead(reason: "later"))
    }

    @Test("a job that is given back has used no attempt, and keeps its last error")
    func released() throws {
        let attempt = Self.attempt(#""attempts":2,"released":1,"last_error":"out of paper""#)
        let finished = try resolve(.released(reason: "the daemon was stopped"), of: attempt)
        guard case .release(let bytes) = finished.finish.outcome else {
            Issue.record("not released: \(finished.finish.outcome)")
            return
        }
        let envelope = try Sample.envelope(bytes)
        #expect(envelope.attempts == 2)
        #expect(envelope.released == 2)
        #expect(envelope.lastError == "out of paper")
        #expect(finished.event?.kind == .released(reason: "the daemon was stopped"))
    }

    @Test("a job that was not begun goes back as it lies in the broker, and its type waits aside")
    func notBegun() throws {
        let attempt = Self.attempt(#""unique_key":"k""#)
        let finished = try resolve(
            .putOff(.seconds(1), reason: "no process"), of: attempt)
        #expect(finished.finish.outcome == .putBack(.asideFirst(attempt.job.type)))
        #expect(finished.event?.kind == .putOff(after: .seconds(1), reason: "no process"))
        // It goes on holding its unique key.
        #expect(finished.finish.unique == nil)
        #expect(finished.finish.receipt == nil)
        // Of what only waits for its handler nothing is told.
        #expect(attempt.putBack(.aside(attempt.job.type)).event == nil)
    }

    @Test("nothing is written for a job that is another worker's")
    func lost() {
        let finished = Self.attempt().resolve(
            .lost, run: .seconds(1), unixMilliseconds: Self.now, jitter: 1)
        #expect(finished == nil)
    }

    @Test(
        "a job that came without an id keeps the one of its first claim",
        arguments: [
            AttemptResult.failed(reason: "x"), .failedForGood(reason: "x"), .released(reason: "x"),
        ])
    func keepsID(result: AttemptResult) throws {
        let attempt = Sample.attempt(Array(#"{"type":"work"}"#.utf8), number: 77)
        let finished = try resolve(result, of: attempt)
        let id = JobID(firstClaim: Sample.token(77))
        #expect(finished.event?.id == id)
        switch finished.finish.outcome {
        case .retry(_, let bytes), .deadLetter(let bytes), .release(let bytes):
            #expect(try Sample.envelope(bytes).id == id)
        case .ack, .putBack: Issue.record("no record is written")
        }
    }

    @Test("what the producer wrote stays byte for byte")
    func foreignFields() throws {
        let fields = #""payload":{"n": 1.50e2 },"tenant":"ü""#
        let finished = try resolve(.failed(reason: "x"), of: Self.attempt(fields))
        guard case .retry(_, let bytes) = finished.finish.outcome else {
            Issue.record("not a retry: \(finished.finish.outcome)")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self).contains(fields))
    }

    // MARK: - Unique keys

    @Test(
        "a unique key is given back when the job ends, and only then",
        arguments: [
            (AttemptResult.succeeded, true), (.failedForGood(reason: "x"), true),
            (.failed(reason: "x"), false), (.failedFor(.zero, reason: "x"), false),
            (.released(reason: "x"), false),
        ])
    func uniqueKey(result: AttemptResult, isGivenBack: Bool) throws {
        let attempt = Self.attempt(#""unique_key":"user 42""#)
        let key = UniqueKey(key: "user 42", holder: Sample.id("a"))
        #expect(try resolve(result, of: attempt).finish.unique == (isGivenBack ? key : nil))
    }

    @Test("a unique key is given back when the last attempt fails")
    func uniqueKeyAtTheEnd() throws {
        let attempt = Self.attempt(#""unique_key":"user 42","attempts":4"#)
        #expect(try resolve(.failed(reason: "x"), of: attempt).finish.unique?.key == "user 42")
    }

    @Test("a job without a unique key gives none back")
    func noUniqueKey() throws {
        #expect(try resolve(.succeeded).finish.unique == nil)
    }

    // MARK: - Texts

    @Test("of an error as long as a book 4 KiB are kept, in the record and in the event")
    func clipped() throws {
        let reason = String(repeating: "ü", count: 1_000_000)
        for result in [AttemptResult.failed(reason: reason), .failedForGood(reason: reason)] {
            let finished = try resolve(result)
            switch (finished.finish.outcome, finished.event?.kind) {
            case (.retry(_, let bytes), .retried(_, let told)),
                (.deadLetter(let bytes), .dead(let told)):
                #expect(told.utf8.count <= 4096)
                #expect(told.hasPrefix("üüü"))
                #expect(try Sample.envelope(bytes).lastError == told)
            default: Issue.record("neither retried nor dead: \(finished.event?.kind)")
            }
        }
    }
}
