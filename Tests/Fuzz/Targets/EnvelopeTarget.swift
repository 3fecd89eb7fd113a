import JobQueue

/// Records as anybody may put them into Redis. What is taken is an object to Foundation too, gives the
/// payload that Foundation finds, and keeps all that an update does not name.
struct EnvelopeTarget: FuzzTarget {
    static let maxPayload = 1024

    func run(_ input: [UInt8]) throws {
        try JSONCheck.document(input)
        let envelope: Envelope
        do throws(EnvelopeError) {
            envelope = try Envelope(input, maxPayload: Self.maxPayload)
        } catch {
            return try checkUndecodable(input, reason: error.description)
        }
        try checkAgainstFoundation(envelope)
        let text = String(decoding: input.reversed(), as: UTF8.self)
        var failed = EnvelopeChanges(
            attempts: envelope.attempts + 1, lastError: text, failedAt: Int64(input.count),
            lost: envelope.lost + 1, released: envelope.released + 1)
        if envelope.id == nil { failed.id = JobID("given") }
        failed.failures = envelope.failures
        failed.failures?.append(
            FailedAttempt(number: 1, startedAt: 1, endedAt: Int64(input.count), reason: text))
        try checkUpdate(envelope, failed)
        try checkUpdate(envelope, .requeued)
        try checkUpdate(envelope, EnvelopeChanges())
    }

    private func checkAgainstFoundation(_ envelope: Envelope) throws {
        // What Foundation makes of these says nothing about the record.
        if JSONCheck.isReadDifferently(envelope.bytes) { return }
        guard let whole = JSONCheck.foundationValue(envelope.bytes) as? [String: Any] else {
            throw Finding("taken, though no object to Foundation")
        }
        guard whole["type"] as? String == envelope.type.description else {
            throw Finding("the type is \(envelope.type)")
        }
        let payload = JSONCheck.foundationValue(Array(envelope.payload.bytes))
        guard JSONCheck.areEqual(payload, whole["payload"]) else {
            throw Finding("the payload is \(envelope.payload.text)")
        }
        let headers = whole["headers"] as? [String: String] ?? [:]
        guard headers == envelope.headers else {
            throw Finding("the headers are \(envelope.headers)")
        }
    }

    private func checkUpdate(_ envelope: Envelope, _ changes: EnvelopeChanges) throws {
        let bytes = envelope.updated(changes)
        let updated: Envelope
        do throws(EnvelopeError) {
            updated = try Envelope(bytes, maxPayload: Self.maxPayload)
        } catch {
            throw Finding("an update made it unacceptable: \(error)")
        }
        func kept<Value>(_ field: EnvelopeField, _ value: Value, or none: Value) -> Value {
            changes.removed.contains(field) ? none : value
        }
        let largest = Int(EnvelopeLimits.attempts.upperBound)
        guard updated.id == changes.id ?? envelope.id,
            updated.attempts == min(changes.attempts ?? envelope.attempts, largest),
            updated.lost
                == min(changes.lost ?? kept(.lost, envelope.lost, or: 0), largest),
            updated.released
                == min(changes.released ?? kept(.released, envelope.released, or: 0), largest),
            updated.failedAt == changes.failedAt ?? kept(.failedAt, envelope.failedAt, or: nil),
            updated.lastError.map({ Array($0.utf8) })
                == (changes.lastError.map { ErrorText.clipped($0) }
                ?? kept(.lastError, envelope.lastError, or: nil)).map({ Array($0.utf8) }),
            updated.failures
                == changes.failures ?? kept(.failures, envelope.failures, or: FailureList())
        else { throw Finding("an update reads back otherwise") }
        let named = changes.named
        guard try members(of: bytes, but: named) == members(of: envelope.bytes, but: named) else {
            throw Finding("an update changed something else")
        }
        guard updated.updated(EnvelopeChanges()) == bytes else {
            throw Finding("no change changed something")
        }
    }

    /// The members of other names, to the byte.
    private func members(of bytes: [UInt8], but named: Set<String>) throws -> [[UInt8]] {
        try JSONValue.members(in: bytes, at: 0)
            .filter { !named.contains($0.name) }
            .map { Array($0.name.utf8) + bytes[$0.value.range] }
    }

    /// What the dead letters keep of it is the very bytes.
    private func checkUndecodable(_ input: [UInt8], reason: String) throws {
        if let record = UndecodableRecord(decoding: input),
            UndecodableRecord(decoding: record.encoded()) != record
        {
            throw Finding("a record of undecodable bytes reads back otherwise")
        }
        guard let id = JobID("given") else { return }
        let record = UndecodableRecord(id: id, raw: input, lastError: reason, failedAt: 1)
        let bytes = record.encoded()
        guard UndecodableRecord(decoding: bytes)?.raw == input,
            JSONCheck.foundationValue(bytes) != nil
        else { throw Finding("what is kept of undecodable bytes reads back otherwise") }
    }
}

extension EnvelopeChanges {
    /// The names of the fields that it sets or takes out.
    fileprivate var named: Set<String> {
        let set: [EnvelopeField?] = [
            id.map { _ in .id }, attempts.map { _ in .attempts }, lastError.map { _ in .lastError },
            failedAt.map { _ in .failedAt }, lost.map { _ in .lost },
            released.map { _ in .released }, enqueuedAt.map { _ in .enqueuedAt },
            failures.map { _ in .failures },
        ]
        return Set(removed.union(set.compactMap { $0 }).map(\.name))
    }
}

extension EnvelopeTarget {
    static let seeds =
        [
            #"{"type":"email:welcome","payload":{"user_id":42}}"#,
            #"{"type":"a","id":"j1","queue":"mail","attempts":2,"max_attempts":5,"timeout_ms":9}"#,
            #"{"type":"a","enqueued_at":17,"unique_key":"k","headers":{"a":"b","a":"c"}}"#,
            #" { "lost" : 1 , "type" : "a" , "released" : 2 , "last_error" : "x" } "#,
            #"{"type":"a","failures":[{"attempt":1,"started_at":2,"ended_at":3,"error":"x"}]}"#,
            #"{"ty\u0070e":"\u0061","payload":[1.5e3,-0,true,false,null,"\ud83d\ude00\n"]}"#,
            #"{"id":"j1","raw":"AAEC","last_error":"no type","failed_at":5}"#,
            #"{"type":"a","payload":"é😀","other":{"deep":[[[[{"x":[]}]]]]}}"#,
            #"{"type":"a","id":null,"attempts":99999999999999999999,"payload":1e999}"#,
            #"[1,2]"#, "", "null", "\u{FEFF}{}",
            #"{"type":"a","payload":"# + String(repeating: "[", count: 63)
                + String(repeating: "]", count: 63) + "}",
        ].inputs

    static let tokens =
        EnvelopeField.allCases.map { "\"\($0.name)\":" }.inputs
        + [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "\\udc00", "null",
            "true", "-", "0", "1e5", "9223372036854775807", "-9223372036854775809", "1000000000",
            "\u{FEFF}", "é", "\u{10FFFF}", "{}", "[]", "\"a\"", "1",
        ].inputs + [[0], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF]]
}
