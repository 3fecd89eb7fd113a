import JobQueue
import Testing

@Suite struct EnvelopeEncodingTests {
    @Test("a new job is written with the fields that are set, type and id first")
    func written() throws {
        var job = NewJob(type: try type("email:welcome"))
        #expect(
            try encoded(job) == #"{"type":"email:welcome","id":"i-1","enqueued_at":1720000000000}"#)
        job.payload = Payload(Array(" {\"user_id\": 42}\n".utf8))
        #expect(
            try encoded(job) == """
                {"type":"email:welcome","id":"i-1","enqueued_at":1720000000000,\
                "payload":{"user_id": 42}}
                """)
        job.maxAttempts = 8
        job.timeout = .seconds(90) + .microseconds(1999)
        job.uniqueKey = "user \"42\""
        job.headers = ["traceparent": "00-ab", "a": "\n"]
        job.queue = try #require(QueueName("critical"))
        job.start = .after(.seconds(5))
        #expect(
            try encoded(job) == """
                {"type":"email:welcome","id":"i-1","enqueued_at":1720000000000,"max_attempts":8,\
                "timeout_ms":90001,"unique_key":"user \\"42\\"",\
                "headers":{"a":"\\n","traceparent":"00-ab"},"payload":{"user_id": 42}}
                """)
    }

    @Test("what is written is read back as it was")
    func readBack() throws {
        var documents = RandomJSON(seed: 21, deepest: 63)
        for _ in 0..<500 {
            var job = NewJob(type: try type("a"), payload: Payload(documents.document()))
            job.maxAttempts = 3
            job.timeout = .milliseconds(1)
            job.uniqueKey = "é\u{200B}{}\\"
            job.headers = ["": "", "\0\"\\\u{1F}": "\u{7F}\u{85}😀", "b": "\r\n"]
            let envelope = try Envelope(Array(try encoded(job).utf8), maxPayload: 10_000)
            let trimmed = job.payload.bytes.drop { $0 <= 0x20 }.reversed().drop { $0 <= 0x20 }
            #expect(Array(envelope.payload.bytes) == trimmed.reversed())
            #expect(envelope.type == job.type)
            #expect(envelope.id?.description == "i-1")
            #expect(envelope.enqueuedAt == 1_720_000_000_000)
            #expect(envelope.maxAttempts == 3)
            #expect(envelope.timeout == .milliseconds(1))
            #expect(envelope.uniqueKey == job.uniqueKey)
            #expect(envelope.headers == job.headers)
            #expect(envelope.attempts == 0)
        }
    }

    @Test(
        "a payload that is not one JSON value is refused",
        arguments: [
            ("", "payload: malformed JSON at byte 0: the text ends too early"),
            ("{} {}", "payload: malformed JSON at byte 3: something follows the value"),
            (#"1,"type":"b""#, "payload: malformed JSON at byte 1: something follows the value"),
            ("1}", "payload: malformed JSON at byte 1: something follows the value"),
            ("{'a':1}", "payload: malformed JSON at byte 1: unexpected character"),
        ])
    func badPayload(payload: String, reason: String) throws {
        #expect(try refusal { $0.payload = Payload(Array(payload.utf8)) } == reason)
    }

    @Test("a payload that fits into an envelope exactly is taken, and one that does not is refused")
    func limits() throws {
        func nested(_ depth: Int) -> Payload {
            Payload([UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth))
        }
        #expect(try refusal { $0.payload = nested(63) } == nil)
        #expect(
            try refusal { $0.payload = nested(64) }
                == "payload: malformed JSON at byte 63: nested deeper than 64")

        let text = Payload(Array((" \"" + String(repeating: "x", count: 9_998) + "\" ").utf8))
        #expect(try refusal { $0.payload = text } == nil)
        let tooLong = Payload(Array(("\"" + String(repeating: "x", count: 9_999) + "\"").utf8))
        #expect(
            try refusal { $0.payload = tooLong }
                == "payload of 10001 bytes is over the limit of 10000")
        let reason = try #require(
            try refusal { $0.headers = ["a": String(repeating: "x", count: 80_000)] })
        #expect(reason.hasPrefix("envelope of 80"))
        #expect(reason.hasSuffix("bytes is over the limit of 75536"))
    }

    @Test("numbers, keys and times that make no sense are refused when a job is enqueued")
    func ranges() throws {
        for maxAttempts in [0, -1, .min, 1_000_000_001, .max] {
            let reason = try refusal { $0.maxAttempts = maxAttempts }
            #expect(reason == "max_attempts must be 1 to 1000000000")
        }
        let timeouts: [Duration] = [
            .zero, .seconds(-1), .microseconds(999), .seconds(365 * 86_400) + .nanoseconds(1),
            .seconds(Int64.max), .seconds(Int64.min),
        ]
        for timeout in timeouts {
            let reason = try refusal { $0.timeout = timeout }
            #expect(reason == "timeout must be 1 ms to 365 days")
        }
        for delay in [Duration.seconds(-1), .nanoseconds(-1), .seconds(Int64.max)] {
            let reason = try refusal { $0.start = .after(delay) }
            #expect(reason == "the delay must be 0 to 36500 days")
        }
        for time in [-1, .min, 253_402_300_800_000, .max] as [Int64] {
            let reason = try refusal { $0.start = .at(unixMilliseconds: time) }
            #expect(reason == "the time of the start must be 1970 to 9999")
        }
        for key in ["", "a\n", String(repeating: "é", count: 129)] {
            #expect(try refusal { $0.uniqueKey = key }?.hasPrefix("bad unique_key") == true)
        }
        let allowed = try refusal {
            $0.maxAttempts = 1_000_000_000
            $0.timeout = .seconds(365 * 86_400)
            $0.start = .at(unixMilliseconds: 0)
            $0.uniqueKey = String(repeating: "é", count: 128)
        }
        #expect(allowed == nil)
        #expect(try refusal { $0.start = .after(.zero) } == nil)
    }
}

private func type(_ name: String) throws -> JobType { try #require(JobType(name)) }

private func encoded(_ job: NewJob) throws -> String {
    let id = try #require(JobID("i-1"))
    let record = try Envelope.encode(
        job, id: id, enqueuedAt: 1_720_000_000_000, maxPayload: 10_000)
    return String(decoding: record, as: UTF8.self)
}

/// The reason for which a job with this change is not taken. `nil`: it is.
private func refusal(_ change: (inout NewJob) -> Void) throws -> String? {
    var job = NewJob(type: try type("a"))
    change(&job)
    do {
        _ = try encoded(job)
        return nil
    } catch let error as EnvelopeError {
        return error.description
    }
}
