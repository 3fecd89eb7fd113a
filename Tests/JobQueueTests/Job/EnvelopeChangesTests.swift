import JobQueue
import Testing

@Suite struct EnvelopeChangesTests {
    @Test(
        "a change replaces a value where it stands, or is appended as the last field",
        arguments: [
            (#"{"type":"a"}"#, #"{"type":"a","attempts":3}"#),
            (#"{"attempts":1,"type":"a"}"#, #"{"attempts":3,"type":"a"}"#),
            (
                "\n{ \"type\" : \"a\" , \"attempts\" : 12345 }\t\n",
                "\n{ \"type\" : \"a\" , \"attempts\" : 3 }\t\n"
            ),
            ("{ \"type\":\"a\" \n}\n", "{ \"type\":\"a\" \n,\"attempts\":3}\n"),
            (#"{"type":"a","\u0061ttempts":null}"#, #"{"type":"a","\u0061ttempts":3}"#),
            (
                #"{"type":"a","payload":{"attempts":9},"x":"}"}"#,
                #"{"type":"a","payload":{"attempts":9},"x":"}","attempts":3}"#
            ),
        ])
    func oneChange(record: String, expected: String) throws {
        var changes = EnvelopeChanges()
        changes.attempts = 3
        #expect(try updated(record, changes) == expected)
    }

    @Test("all fields of the daemon are written, and what is not changed stays")
    func everyChange() throws {
        var changes = EnvelopeChanges()
        #expect(try updated(#"{ "type":"a","lost":1 }"#, changes) == #"{ "type":"a","lost":1 }"#)
        changes.id = JobID("b-1")
        changes.attempts = 2
        changes.lastError = "said \"no\" to C:\\\n\t\r\u{1B}[31m é"
        changes.failedAt = 1_720_000_000_000
        changes.lost = 4
        changes.released = 5
        changes.enqueuedAt = 6
        let expected = """
            {"lost":4,"type":"a","enqueued_at":6,"attempts":2,"released":5,\
            "failed_at":1720000000000,"id":"b-1",\
            "last_error":"said \\"no\\" to C:\\\\\\n\\t\\r\\u001b[31m é"}
            """
        #expect(try updated(#"{"lost":1,"type":"a"}"#, changes) == expected)
    }

    @Test("a long error text is kept as far as it fits")
    func longError() throws {
        var changes = EnvelopeChanges()
        changes.lastError = String(repeating: "x", count: 10_000_000)
        let envelope = try Envelope(Array(#"{"type":"a"}"#.utf8), maxPayload: 100)
        let updated = try Envelope(envelope.updated(changes), maxPayload: 100)
        #expect(
            updated.lastError
                == String(repeating: "x", count: 2047) + "…" + String(repeating: "x", count: 2046))
    }

    @Test(
        "a requeued job begins anew, and the traces of its death are taken out",
        arguments: [
            (#"{"type":"a"}"#, #"{"type":"a","attempts":0}"#),
            (
                #"{"type":"a","attempts":25,"last_error":"x","failed_at":1,"lost":2,"released":3,"failures":[{}]}"#,
                #"{"type":"a","attempts":0}"#
            ),
            (
                #"{"lost":2,"released":3,"type":"a","last_error":"x","attempts":25,"failed_at":1}"#,
                #"{"type":"a","attempts":0}"#
            ),
            (
                #"{ "lost":2 , "released":3 ,"type":"a","max_attempts":5 , "failed_at":1 }"#,
                #"{ "type":"a","max_attempts":5  ,"attempts":0}"#
            ),
            (
                #"{"released":null,"x":[1,{"lost":2}],"lost":2,"type":"a"}"#,
                #"{"x":[1,{"lost":2}],"type":"a","attempts":0}"#
            ),
        ])
    func requeued(record: String, expected: String) throws {
        #expect(try updated(record, .requeued) == expected)
    }

    @Test("all fields can be taken out, and a field that is also set stays")
    func removal() throws {
        var changes = EnvelopeChanges()
        changes.removed = Set(EnvelopeField.allCases)
        #expect(try updated(#" { "id":"1" , "type":"a" } "#, changes) == " { } ")
        changes.lost = 1
        #expect(try updated(#"{"id":"1", "lost":7 ,"type":"a"}"#, changes) == #"{"lost":1 }"#)
        #expect(try updated(#"{"id":"1","type":"a"}"#, changes) == #"{"lost":1}"#)
    }

    @Test(
        "whatever an envelope looks like, a change changes nothing else",
        arguments: [11, 12] as [UInt64])
    func randomEnvelopes(seed: UInt64) throws {
        var documents = RandomJSON(seed: seed, deepest: 63)
        var random = SeededGenerator(seed: seed)
        var changed = 0
        for number in 0..<4_000 {
            var record = documents.envelope(randomFields(&random, &documents))
            if random.once(in: 3) { record = documents.damaged(record) }
            let place: Comment = "seed \(seed), document \(number): \(text(record))"
            // Most of the damaged ones are no envelopes, which is not the matter here.
            guard let envelope = try? Envelope(record, maxPayload: 10_000) else { continue }
            changed += 1
            let changes = randomChanges(&random)
            let updatedRecord = envelope.updated(changes)
            let updated = try Envelope(updatedRecord, maxPayload: 10_000)

            try #require(updated.payload.text == envelope.payload.text, place)
            try #require(updated.type == envelope.type, place)
            try #require(updated.headers == envelope.headers, place)
            let kept = try others(updatedRecord)
            let before = try others(record)
            try #require(kept == before, place)
            let removed = changes.removed
            try #require(updated.id == changes.id ?? envelope.id, place)
            try #require(
                updated.attempts
                    == changes.attempts ?? (removed.contains(.attempts) ? 0 : envelope.attempts),
                place)
            try #require(
                updated.lost == changes.lost ?? (removed.contains(.lost) ? 0 : envelope.lost), place
            )
            try #require(
                updated.released
                    == changes.released ?? (removed.contains(.released) ? 0 : envelope.released),
                place)
            try #require(
                updated.lastError
                    == changes.lastError
                    ?? (removed.contains(.lastError) ? nil : envelope.lastError), place)
            try #require(
                updated.failedAt
                    == changes.failedAt ?? (removed.contains(.failedAt) ? nil : envelope.failedAt),
                place)
            try #require(updated.enqueuedAt == changes.enqueuedAt ?? envelope.enqueuedAt, place)
            try #require(updated.updated(EnvelopeChanges()) == updatedRecord, place)
        }
        #expect(changed > 2_700)
    }
}

private func updated(_ record: String, _ changes: EnvelopeChanges) throws -> String {
    text(try Envelope(Array(record.utf8), maxPayload: 1000).updated(changes))
}

private func text(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
}

/// The names and values, in order and to the byte, of all members that the daemon does not write.
private func others(_ record: [UInt8]) throws -> [String] {
    let own = ["id", "attempts", "last_error", "failed_at", "lost", "released", "enqueued_at"]
    return try JSONValue.members(in: record, at: 0)
        .filter { !own.contains($0.name) }
        .map { "\($0.name): \(text(record[$0.value.range]))" }
}

private func randomFields(
    _ random: inout SeededGenerator, _ documents: inout RandomJSON
) -> [(name: String, value: [UInt8])] {
    var fields: [(name: String, value: [UInt8])] = [("type", Array(#""a""#.utf8))]
    let choices: [(String, [String])] = [
        ("id", [#""b""#, "null"]), ("attempts", ["0", "17", "null"]), ("lost", ["1", "-2"]),
        ("released", ["3"]), ("last_error", [#""""#, #""a\n\u0041}""#]),
        ("failed_at", ["17", "null"]),
        ("enqueued_at", ["1720000000000"]), ("headers", [#"{"a":"b"}"#, "{ }", "null"]),
        ("\\u0071ueue", [#""q""#]),
    ]
    for (name, values) in choices where random.once(in: 2) {
        fields.append((name, Array(random.pick(values).utf8)))
    }
    if random.once(in: 2) { fields.append(("payload", documents.document())) }
    return fields
}

private func randomChanges(_ random: inout SeededGenerator) -> EnvelopeChanges {
    var changes = EnvelopeChanges()
    if random.once(in: 3) { changes.id = JobID("n-\(random.below(100))") }
    if random.once(in: 3) { changes.attempts = random.below(1_000_000) }
    if random.once(in: 3) { changes.lost = random.below(100) }
    if random.once(in: 3) { changes.released = random.below(100) }
    if random.once(in: 3) { changes.failedAt = Int64(random.below(1 << 40)) }
    if random.once(in: 3) { changes.enqueuedAt = Int64(random.below(1 << 40)) }
    if random.once(in: 3) {
        changes.lastError = random.pick(["", "boom", "a\"}\\\u{0}\u{1F}é😀\n"])
    }
    for field in [EnvelopeField.attempts, .lost, .released, .lastError, .failedAt]
    where random.once(in: 3) {
        changes.removed.insert(field)
    }
    return changes
}
