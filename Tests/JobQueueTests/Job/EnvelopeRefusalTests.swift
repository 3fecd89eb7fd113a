import JobQueue
import Testing

/// What goes to the dead letters, and what is said there.
@Suite struct EnvelopeRefusalTests {
    @Test(
        "garbage in a queue is refused with the place and the reason",
        arguments: [
            ("", "malformed JSON at byte 0: the text ends too early"),
            ("hello", "malformed JSON at byte 0: unexpected character"),
            ("\0\u{1}\u{2}", "malformed JSON at byte 0: unexpected character"),
            ("[]", "not a JSON object"), ("1", "not a JSON object"), ("1e400", "not a JSON object"),
            (#""{}""#, "not a JSON object"), (" null ", "not a JSON object"),
            ("[1", "malformed JSON at byte 2: the text ends too early"),
            (#"{"type":"a","payl"#, "malformed JSON at byte 17: the text ends too early"),
            (#"{"type":"a"}x"#, "malformed JSON at byte 12: something follows the value"),
            (
                #"{"type":"a"}{"type":"b"}"#,
                "malformed JSON at byte 12: something follows the value"
            ),
            ("\u{FEFF}{\"type\":\"a\"}", "malformed JSON at byte 0: byte order mark"),
            (
                #"{"type":"a","payload":"\ud800"}"#,
                "malformed JSON at byte 23: half of a surrogate pair"
            ),
            ("{\"type\":\"a\0\"}", "malformed JSON at byte 10: control character in a string"),
            (#"{"type":"a","payload":NaN}"#, "malformed JSON at byte 22: unexpected character"),
            (#"{"type":"a",}"#, "malformed JSON at byte 12: unexpected character"),
        ])
    func garbage(record: String, reason: String) {
        #expect(refusal(of: record) == reason)
    }

    @Test("a megabyte of text, 10 000 brackets and bytes that are no UTF-8 are refused")
    func muchGarbage() {
        #expect(
            refusal(of: String(repeating: "lorem ipsum ", count: 90_000), maxPayload: 2 << 20)
                == "malformed JSON at byte 0: unexpected character")
        let brackets = String(repeating: "[", count: 10_000)
        #expect(refusal(of: brackets) == "malformed JSON at byte 64: nested deeper than 64")
        #expect(
            refusal(of: #"{"type":"a","payload":"# + brackets)
                == "malformed JSON at byte 85: nested deeper than 64")
        let latin1 = Array(#"{"type":"a","payload":"M"#.utf8) + [0xFC] + Array(#"nchen"}"#.utf8)
        #expect(refusal(of: latin1) == "malformed JSON at byte 24: invalid UTF-8")
    }

    @Test(
        "fields that do not follow the rules are refused by name",
        arguments: [
            (#""payload":1"#, "no type"), (#""type":null"#, "no type"), (#""Type":"a""#, "no type"),
            (#""type":5"#, "field type is not a string"),
            (#""type":["a"]"#, "field type is not a string"),
            (#""type":"a","type":"a""#, "field type is given twice"),
            (#""type":"a","id":"1","\u0069d":"2""#, "field id is given twice"),
            (#""type":"a","lost":null,"lost":1"#, "field lost is given twice"),
            (#""type":"a","payload":1,"payload":1"#, "field payload is given twice"),
            (#""type":"a","id":7"#, "field id is not a string"),
            (#""type":"a","queue":{}"#, "field queue is not a string"),
            (#""type":"a","max_attempts":"5""#, "field max_attempts is not an integer"),
            (#""type":"a","max_attempts":1.5"#, "field max_attempts is not an integer"),
            (#""type":"a","attempts":1e400"#, "field attempts is not an integer"),
            (#""type":"a","timeout_ms":true"#, "field timeout_ms is not an integer"),
            (#""type":"a","enqueued_at":1.7e12"#, "field enqueued_at is not an integer"),
            (#""type":"a","failed_at":"now""#, "field failed_at is not an integer"),
            (#""type":"a","lost":[]"#, "field lost is not an integer"),
            (#""type":"a","released":{}"#, "field released is not an integer"),
            (#""type":"a","retention_ms":"1d""#, "field retention_ms is not an integer"),
            (#""type":"a","failures":{}"#, "field failures is not an array"),
            (#""type":"a","last_error":5"#, "field last_error is not a string"),
            (#""type":"a","headers":[]"#, "field headers is not an object of strings"),
            (#""type":"a","headers":{"a":"b","c":1}"#, "field headers is not an object of strings"),
            (#""type":"a","unique_key":1"#, "field unique_key is not a string"),
        ])
    func badFields(fields: String, reason: String) {
        #expect(refusal(of: "{\(fields)}") == reason)
    }

    @Test(
        "names that could be mistaken or collide are refused",
        arguments: [
            "", " ", "a b", "a\\nb", "{}", "{a}", "..", "../a", "a/b", "а", "ａ", "a\\u0000", "é",
            "\u{212A}", String(repeating: "a", count: 1024), "a\\u200b", "-- ", "\\ud83d\\ude00",
        ])
    func badNames(name: String) throws {
        let type = try #require(refusal(of: #"{"type":"\#(name)"}"#))
        #expect(type.hasPrefix("bad type, must be [A-Za-z0-9]"))
        let id = try #require(refusal(of: #"{"type":"a","id":"\#(name)"}"#))
        #expect(id.hasPrefix("bad id, must be [A-Za-z0-9_-]"))
        let queue = try #require(refusal(of: #"{"type":"a","queue":"\#(name)"}"#))
        #expect(queue.hasPrefix("bad queue, must be [a-z0-9]"))
    }

    @Test("a unique key is 1 to 256 bytes without control characters")
    func uniqueKeys() throws {
        let reason = "bad unique_key, must be 1 to 256 bytes without control characters"
        let long = String(repeating: "k", count: 257)
        for key in ["", "a\\u0000", "a\\n", "\u{7F}", "\\u0085", long, "é" + long.dropLast(2)] {
            #expect(refusal(of: #"{"type":"a","unique_key":"\#(key)"}"#) == reason)
        }
        for key in [" ", "{}", "é\\\"", String(long.dropLast())] {
            #expect(refusal(of: #"{"type":"a","unique_key":"\#(key)"}"#) == nil)
        }
    }

    @Test("the payload's limit counts the payload's bytes alone")
    func payloadLimit() {
        let record = #"{"type":"a","payload": "0123456789" }"#
        #expect(refusal(of: record, maxPayload: 12) == nil)
        #expect(
            refusal(of: record, maxPayload: 11) == "payload of 12 bytes is over the limit of 11")
        #expect(
            refusal(of: record, maxPayload: -1) == "payload of 12 bytes is over the limit of -1")
        #expect(refusal(of: record, maxPayload: .max) == nil)
        #expect(refusal(of: #"{"type":"a"}"#, maxPayload: 0) == nil)
    }

    @Test("64 KiB may stand beside the payload, and what the daemon writes does not count")
    func envelopeLimit() throws {
        let limit = 100 + 65_536
        func record(_ length: Int, own: String = "") -> String {
            let start = #"{"type":"a","x":""#
            let end = "\"\(own)}"
            let length = length + own.utf8.count - start.utf8.count - end.utf8.count
            return start + String(repeating: "x", count: length) + end
        }
        #expect(refusal(of: record(limit), maxPayload: 100) == nil)
        #expect(
            refusal(of: record(limit + 1), maxPayload: 100)
                == "envelope of \(limit + 1) bytes is over the limit of \(limit)")
        #expect(refusal(of: record(20 * limit), maxPayload: 100)?.hasPrefix("envelope of ") == true)

        // The worst that the daemon can add to it.
        var changes = EnvelopeChanges()
        changes.id = JobID(String(repeating: "i", count: 64))
        changes.attempts = 1_000_000_000
        changes.lost = 1_000_000_000
        changes.released = 1_000_000_000
        changes.enqueuedAt = EnvelopeLimits.time.upperBound
        changes.failedAt = EnvelopeLimits.time.upperBound
        changes.lastError = String(repeating: "\u{1B}", count: 10_000)
        let full = try Envelope(Array(record(limit).utf8), maxPayload: 100)
        let updated = try Envelope(full.updated(changes), maxPayload: 100)
        #expect(updated.attempts == 1_000_000_000)
    }
}

/// The reason for which `record` is no envelope. `nil`: it is one.
private func refusal(of record: some StringProtocol, maxPayload: Int = 1000) -> String? {
    refusal(of: Array(record.utf8), maxPayload: maxPayload)
}

private func refusal(of bytes: [UInt8], maxPayload: Int = 1000) -> String? {
    do throws(EnvelopeError) {
        _ = try Envelope(bytes, maxPayload: maxPayload)
        return nil
    } catch {
        return error.description
    }
}
