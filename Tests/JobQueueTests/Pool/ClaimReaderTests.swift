import JobQueue
import Testing

@Suite("Reading what was claimed")
struct ClaimReaderTests {
    private static let now = ManualClock.wallStart

    private func read(
        _ record: [UInt8], queue: String = "default", handler: HandlerOptions = HandlerOptions(),
        options: WorkerOptions = Sample.options()
    ) -> ClaimedRecord {
        var registry = HandlerRegistry()
        registry.register("work", options: handler) { _, _ in }
        return ClaimReader(registry: registry, options: options)
            .read(Sample.claim(record, number: 9, queue: queue), unixMilliseconds: Self.now)
    }

    private func read(_ text: String) -> ClaimedRecord { read(Array(text.utf8)) }

    private func attempt(
        _ record: [UInt8], queue: String = "default", handler: HandlerOptions = HandlerOptions(),
        options: WorkerOptions = Sample.options()
    ) throws -> Attempt {
        switch read(record, queue: queue, handler: handler, options: options) {
        case .attempt(let attempt): return attempt
        case .dead(let finished):
            return try #require(nil as Attempt?, "it is dead: \(finished.finish)")
        }
    }

    private func dead(_ record: ClaimedRecord) throws -> (event: JobEvent, finish: Finish, [UInt8])
    {
        guard case .dead(let finished) = record,
            case .deadLetter(let bytes) = finished.finish.outcome
        else { return try #require(nil, "it is not dead: \(record)") }
        return (try #require(finished.event), finished.finish, bytes)
    }

    // MARK: - What can run

    @Test("a field that a producer misunderstood is told with the job, once for each type")
    func misunderstood() async throws {
        var registry = HandlerRegistry()
        registry.register("work") { _, _ in }
        registry.register("other") { _, _ in }
        let reader = ClaimReader(registry: registry, options: Sample.options())
        let log = LogCapture()
        func run(_ text: String) async throws {
            let claim = Sample.claim(Array(text.utf8), number: 9, queue: "default")
            guard case .attempt(let attempt) = reader.read(claim, unixMilliseconds: Self.now) else {
                Issue.record("\(text) is dead")
                return
            }
            let context = JobContext(
                log: Logger(sink: log, job: attempt.job), timeout: .seconds(1), result: nil)
            try await attempt.handler(attempt.job, context)
        }
        try await run(#"{"type":"work","id":"a","delay_ms":60000,"priority":1}"#)
        try await run(#"{"type":"work","id":"b","delay_ms":60000}"#)
        try await run(#"{"type":"other","id":"c","run_at":60000}"#)
        try await run(
            #"{"type":"other","id":"d","headers":{"priority":"1"},"payload":{"delay":1}}"#)
        #expect(log.records.value.map(\.fields.job?.description) == ["a", "c"])
        #expect(log.records.value.map(\.level) == [.warning, .warning])
        #expect(log.records.value.first?.message.contains("the field delay_ms in") == true)
    }

    @Test("the handler sees what the producer gave")
    func job() throws {
        let record = Array(
            #"""
            {"type":"work","id":"a","payload":[1, 2],"attempts":2,"max_attempts":7,
            "enqueued_at":1699999999000,"headers":{"traceparent":"00-1"},"timeout_ms":1500}
            """#.utf8)
        let attempt = try attempt(record, queue: "critical")
        #expect(attempt.token == Sample.token(9, queue: "critical"))
        #expect(attempt.timeout == .milliseconds(1500))
        let job = attempt.job
        #expect(job.id.description == "a")
        #expect(job.type.description == "work")
        #expect(job.queue.description == "critical")
        #expect(job.payload.text == "[1, 2]")
        #expect(job.attempt == 3)
        #expect(job.maxAttempts == 7)
        #expect(job.enqueuedAt == 1_699_999_999_000)
        #expect(job.headers == ["traceparent": "00-1"])
    }

    @Test("a job without an id gets the one of this claim")
    func idOfFirstClaim() throws {
        let attempt = try attempt(Array(#"{"type":"work"}"#.utf8))
        #expect(attempt.job.id == JobID(firstClaim: Sample.token(9)))
    }

    @Test("a job runs in the queue that it was claimed from, whatever its record says")
    func queue() throws {
        let attempt = try attempt(Sample.record("a", #""queue":"other""#), queue: "critical")
        #expect(attempt.job.queue.description == "critical")
    }

    // MARK: - Who decides

    @Test("the job's own limit of attempts counts first, then its handler's, then the daemon's")
    func maxAttempts() throws {
        let options = Sample.options(retry: RetryPolicy(maxAttempts: 9))
        let own = Sample.record("a", #""max_attempts":2"#)
        let handler = HandlerOptions(maxAttempts: 4, retry: RetryPolicy(maxAttempts: 6))
        let policy = HandlerOptions(retry: RetryPolicy(maxAttempts: 6))
        #expect(try attempt(own, handler: handler, options: options).job.maxAttempts == 2)
        let plain = Sample.record("a")
        #expect(try attempt(plain, handler: handler, options: options).job.maxAttempts == 4)
        #expect(try attempt(plain, handler: policy, options: options).job.maxAttempts == 6)
        #expect(try attempt(plain, options: options).job.maxAttempts == 9)
        #expect(try attempt(plain).job.maxAttempts == 25)
    }

    @Test("the job's own limit of time counts first, then its handler's, then the daemon's")
    func timeout() throws {
        var options = Sample.options()
        options.timeout = .seconds(30)
        let own = Sample.record("a", #""timeout_ms":1000"#)
        let handler = HandlerOptions(timeout: .seconds(5))
        #expect(try attempt(own, handler: handler, options: options).timeout == .seconds(1))
        let plain = Sample.record("a")
        #expect(try attempt(plain, handler: handler, options: options).timeout == .seconds(5))
        #expect(try attempt(plain, options: options).timeout == .seconds(30))
        #expect(try attempt(plain).timeout == .seconds(1800))
    }

    @Test("the handler's retry policy counts before the daemon's")
    func retry() throws {
        let options = Sample.options(retry: RetryPolicy(base: .seconds(7)))
        let handler = HandlerOptions(retry: RetryPolicy(base: .seconds(3)))
        let plain = Sample.record("a")
        #expect(try attempt(plain, handler: handler, options: options).retry.base == .seconds(3))
        #expect(try attempt(plain, options: options).retry.base == .seconds(7))
    }

    // MARK: - How long it waited

    @Test("the wait of a first attempt is the time since the enqueue")
    func wait() throws {
        let record = Sample.record("a", #""enqueued_at":\#(Self.now - 1500)"#)
        #expect(try attempt(record).wait == .milliseconds(1500))
    }

    @Test("a producer whose clock is ahead has jobs that waited for nothing")
    func clockAhead() throws {
        let record = Sample.record("a", #""enqueued_at":\#(Self.now + 3_600_000)"#)
        #expect(try attempt(record).wait == .zero)
    }

    @Test(
        "no wait is told where it would say nothing of the queue",
        arguments: [
            "", #""enqueued_at":1,"attempts":1"#, #""enqueued_at":1,"lost":1"#,
            #""enqueued_at":1,"released":1"#,
        ])
    func noWait(fields: String) throws {
        #expect(try attempt(Sample.record("a", fields)).wait == nil)
    }

    // MARK: - What cannot run

    @Test("a job whose type nobody handles is dead, with all that it had, and no attempt used")
    func unknownType() throws {
        let record = Sample.record("a", type: "mail:send", #""attempts":2,"tenant":7"#)
        let (event, finish, bytes) = try dead(read(record))
        #expect(event.kind == .dead(reason: "no handler for type mail:send"))
        #expect(event.type?.description == "mail:send")
        #expect(event.attempt == 2)
        #expect(event.run == nil)
        #expect(finish.token == Sample.token(9))
        let envelope = try Sample.envelope(bytes)
        #expect(envelope.attempts == 2)
        #expect(envelope.lastError == "no handler for type mail:send")
        #expect(envelope.failedAt == Self.now)
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""tenant":7"#))
    }

    @Test(
        "a job whose attempts are used up is dead without another one", arguments: [3, 4, 1 << 40])
    func usedUp(attempts: Int) throws {
        let record = Sample.record("a", #""max_attempts":3,"attempts":\#(attempts)"#)
        let (event, _, bytes) = try dead(read(record))
        #expect(event.kind == .dead(reason: "all 3 attempts were used up before"))
        #expect(event.attempt == min(attempts, 1_000_000_000))
        #expect(try Sample.envelope(bytes).attempts == min(attempts, 1_000_000_000))
    }

    @Test("a job one short of its limit still has an attempt")
    func oneLeft() throws {
        let attempt = try attempt(Sample.record("a", #""max_attempts":3,"attempts":2"#))
        #expect(attempt.job.attempt == 3)
    }

    @Test("a job that can never run gives its unique key back")
    func uniqueKey() throws {
        let record = Sample.record("a", type: "mail:send", #""unique_key":"user 42""#)
        let (_, finish, _) = try dead(read(record))
        #expect(finish.unique == UniqueKey(key: "user 42", holder: Sample.id("a")))
    }

    @Test("a job without an id that can never run has the id of its claim")
    func deadWithoutID() throws {
        let (event, _, bytes) = try dead(read(#"{"type":"mail:send"}"#))
        #expect(event.id == JobID(firstClaim: Sample.token(9)))
        #expect(try Sample.envelope(bytes).id == event.id)
    }

    @Test(
        "bytes that are no job are dead with the reason, every byte of them kept",
        arguments: [
            "", "{", "[]", "1", "null", "not json", "{}", #"{"id":"a"}"#, #"{"type":7}"#,
            #"{"type":"no good"}"#, #"{"type":"work","id":"{a}"}"#, "{\"type\":\"work\"}\u{0}",
            String(repeating: "[", count: 10_000),
        ])
    func malformed(text: String) throws {
        let (event, finish, bytes) = try dead(read(text))
        #expect(event.type == nil)
        #expect(event.attempt == 0)
        #expect(event.id == JobID(firstClaim: Sample.token(9)))
        #expect(finish.unique == nil)
        let record = try #require(UndecodableRecord(decoding: bytes))
        #expect(record.raw == Array(text.utf8))
        #expect(record.id == event.id)
        #expect(record.failedAt == Self.now)
        #expect(event.kind == .dead(reason: record.lastError))
        #expect(!record.lastError.isEmpty)
    }

    @Test("a payload over the limit is dead with its bytes kept, one at the limit runs")
    func oversize() throws {
        var options = Sample.options()
        options.maxPayload = 100
        func record(_ size: Int) -> [UInt8] {
            // Two of its bytes are the quotes.
            Sample.record("a", #""payload":"\#(String(repeating: "x", count: size - 2))""#)
        }
        #expect(try attempt(record(100), options: options).job.payload.bytes.count == 100)
        let (_, _, bytes) = try dead(read(record(101), options: options))
        #expect(UndecodableRecord(decoding: bytes)?.raw == record(101))
    }

    @Test("a record far over any limit is dead with its bytes kept")
    func huge() throws {
        let record = Sample.record("a", #""x":"\#(String(repeating: "x", count: 3 << 20))""#)
        let (_, _, bytes) = try dead(read(record))
        #expect(UndecodableRecord(decoding: bytes)?.raw == record)
    }
}
