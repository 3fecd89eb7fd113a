import JobQueue
import Testing

@Suite struct UndecodableRecordTests {
    @Test("the very same bytes come back from the dead letters")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 31)
        let id = try #require(JobID("u-1"))
        for length in Array(0..<200) + [65_536, 65_537, 65_538] {
            let raw = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let record = UndecodableRecord(
                id: id, raw: raw, lastError: "not JSON \"\u{0}\n", failedAt: 1_720_000_000_000)
            let bytes = record.encoded()
            #expect(UndecodableRecord(decoding: bytes) == record)
            #expect(try JSONScanner.document(bytes.span).kind == .object)
            #expect(throws: EnvelopeError.noType) { try Envelope(bytes, maxPayload: 1_000_000) }
        }
    }

    @Test(
        "the raw bytes stand there as everybody's Base64",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"), ("~~~???", "fn5+Pz8/"),
        ])
    func format(raw: String, base64: String) throws {
        let record = UndecodableRecord(
            id: try #require(JobID("u-1")), raw: Array(raw.utf8), lastError: "bad type",
            failedAt: 17)
        #expect(
            String(decoding: record.encoded(), as: UTF8.self)
                == #"{"id":"u-1","raw":"\#(base64)","last_error":"bad type","failed_at":17}"#)
    }

    @Test("its error text is kept as far as it fits")
    func longError() throws {
        let record = UndecodableRecord(
            id: try #require(JobID("u-1")), raw: [], lastError: String(repeating: "x", count: 9999),
            failedAt: 17)
        #expect(record.lastError.utf8.count == 4096)
        #expect(UndecodableRecord(decoding: record.encoded()) == record)
    }

    @Test(
        "anything else is no such record",
        arguments: [
            "", "[]", "{}", #"{"type":"a"}"#,
            #"{"type":"a","id":"u","raw":"","last_error":"","failed_at":1}"#,
            #"{"raw":"","last_error":"","failed_at":1}"#,
            #"{"id":"u","last_error":"","failed_at":1}"#,
            #"{"id":"u","raw":"","failed_at":1}"#, #"{"id":"u","raw":"","last_error":""}"#,
            #"{"id":"u u","raw":"","last_error":"","failed_at":1}"#,
            #"{"id":"u","raw":"Z","last_error":"","failed_at":1}"#,
            #"{"id":"u","raw":"Zg","last_error":"","failed_at":1}"#,
            #"{"id":"u","raw":"Zh==","last_error":"","failed_at":1}"#,
            #"{"id":"u","raw":"Zm9=","last_error":"","failed_at":1}"#,
            #"{"id":"u","raw":"Z===","last_error":"","failed_at":1}"#,
            #"{"id":"u","raw":"====","last_error":"","failed_at":1}"#,
            #"{"id":"u","raw":"Z=g=","last_error":"","failed_at":1}"#,
            #"{"id":"u","raw":"Zg==Zg==","last_error":"","failed_at":1}"#,
            #"{"id":"u","raw":"Zm9v\n","last_error":"","failed_at":1}"#,
            #"{"id":"u","raw":"Zm9_","last_error":"","failed_at":1}"#,
            #"{"id":"u","raw":7,"last_error":"","failed_at":1}"#,
            #"{"id":"u","raw":"","last_error":"","failed_at":1} x"#,
            #"{"id":"u","raw":"","last_error":"","failed_at":1"#,
        ])
    func somethingElse(record: String) {
        #expect(UndecodableRecord(decoding: Array(record.utf8)) == nil)
    }
}
