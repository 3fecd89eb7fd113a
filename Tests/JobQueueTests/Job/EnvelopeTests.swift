import JobQueue
import Testing

@Suite struct EnvelopeTests {
    @Test("an envelope with every field is read")
    func everyField() throws {
        let record = """
            {"type":"email:welcome","id":"a-1_B","payload":{"user_id": 42},"queue":"critical",\
            "max_attempts":7,"timeout_ms":1500,"attempts":3,"enqueued_at":1720000000123,\
            "unique_key":"user 42","headers":{"traceparent":"00-ab","b":"\\u00e9"},\
            "last_error":"no \\"route\\"","failed_at":1720000000456,"lost":2,"released":5}
            """
        let envelope = try Envelope(Array(record.utf8), maxPayload: 1000)
        #expect(envelope.bytes == Array(record.utf8))
        #expect(envelope.type.description == "email:welcome")
        #expect(envelope.id?.description == "a-1_B")
        #expect(envelope.payload.text == #"{"user_id": 42}"#)
        #expect(envelope.queue?.description == "critical")
        #expect(envelope.maxAttempts == 7)
        #expect(envelope.timeout == .milliseconds(1500))
        #expect(envelope.attempts == 3)
        #expect(envelope.enqueuedAt == 1_720_000_000_123)
        #expect(envelope.uniqueKey == "user 42")
        #expect(envelope.headers == ["traceparent": "00-ab", "b": "é"])
        #expect(envelope.lastError == #"no "route""#)
        #expect(envelope.failedAt == 1_720_000_000_456)
        #expect(envelope.lost == 2)
        #expect(envelope.released == 5)
    }

    @Test("a type alone is enough, and null is as good as nothing")
    func defaults() throws {
        let names = EnvelopeField.allCases.map(\.name).filter { $0 != "type" }
        let nulls = names.map { #","\#($0)":null"# }.joined()
        for rest in ["", nulls] {
            let envelope = try Envelope(Array("{\"type\":\"a\"\(rest)}".utf8), maxPayload: 4)
            #expect(envelope.id == nil)
            #expect(envelope.payload.text == "null")
            #expect(envelope.queue == nil)
            #expect(envelope.maxAttempts == nil)
            #expect(envelope.timeout == nil)
            #expect(envelope.attempts == 0)
            #expect(envelope.enqueuedAt == nil)
            #expect(envelope.uniqueKey == nil)
            #expect(envelope.headers.isEmpty)
            #expect(envelope.lastError == nil)
            #expect(envelope.failedAt == nil)
            #expect(envelope.lost == 0)
            #expect(envelope.released == 0)
        }
    }

    @Test(
        "the payload is what the producer wrote, byte for byte",
        arguments: [
            "null", "0", "-1.50e+3", #""\u0041""#, "[ 1 ,\t2 ]", "{ }", #"{"a":1,"a":2}"#,
            "12345678901234567890.10", "true", #""漢\/😀""#,
        ])
    func payload(json: String) throws {
        let envelope = try decode(#" { "type" : "a" , "payload" : \#(json) , "x" : [] } "#)
        #expect(envelope.payload.text == json)
    }

    @Test("a name written with escapes is the same name, and a longer or shorter one is not")
    func escapedNames() throws {
        let envelope = try decode(
            #"{"ty\u0070e":"a","\u0069\u0064":"x","attempts ":1,"attempt":2,"Lost":3,"":4,"\/":5}"#)
        #expect(envelope.type.description == "a")
        #expect(envelope.id?.description == "x")
        #expect(envelope.attempts == 0)
        #expect(envelope.lost == 0)
        #expect(try decode(#"{"type":"\u0061\u003ab"}"#).type.description == "a:b")
    }

    @Test("unknown fields are let be, however often they stand there")
    func unknownFields() throws {
        let envelope = try decode(#"{"x":1,"type":"a","x":{"type":5,"id":[]},"Type":2}"#)
        #expect(envelope.type.description == "a")
        #expect(envelope.id == nil)
    }

    @Test("of headers with equal names the last counts")
    func repeatedHeaders() throws {
        let envelope = try decode(#"{"type":"a","headers": {"h":"1","i":"2","\u0068":"3"}}"#)
        #expect(envelope.headers == ["h": "3", "i": "2"])
    }

    @Test(
        "numbers beyond what is sane are taken as the nearest that is",
        arguments: [
            ("-1", 0, 1, .milliseconds(1), 0), ("0", 0, 1, .milliseconds(1), 0),
            (
                "1000000001", 1_000_000_000, 1_000_000_000, .milliseconds(1_000_000_001),
                1_000_000_001
            ),
            (
                "99999999999999999999", 1_000_000_000, 1_000_000_000, .seconds(365 * 86_400),
                253_402_300_799_999
            ),
            ("-99999999999999999999", 0, 1, .milliseconds(1), 0),
        ] as [(String, Int, Int, Duration, Int64)])
    func clamped(
        number: String, count: Int, maxAttempts: Int, timeout: Duration, time: Int64
    ) throws {
        let envelope = try decode(
            """
            {"type":"a","attempts":\(number),"max_attempts":\(number),"timeout_ms":\(number),\
            "enqueued_at":\(number),"failed_at":\(number),"lost":\(number),"released":\(number)}
            """)
        #expect(envelope.attempts == count)
        #expect(envelope.lost == count)
        #expect(envelope.released == count)
        #expect(envelope.maxAttempts == maxAttempts)
        #expect(envelope.timeout == timeout)
        #expect(envelope.enqueuedAt == time)
        #expect(envelope.failedAt == time)
    }
}

private func decode(_ record: String) throws(EnvelopeError) -> Envelope {
    try Envelope(Array(record.utf8), maxPayload: 1000)
}
