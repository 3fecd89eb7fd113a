/// Reads the fields of an envelope by their rules. `null` is as good as not there.
struct EnvelopeReader {
    let bytes: [UInt8]
    let index: EnvelopeIndex

    func type() throws(EnvelopeError) -> JobType? {
        guard let text = try string(.type) else { return nil }
        guard let type = JobType(text) else {
            throw .badText(.type, rule: "[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
        }
        return type
    }

    func id() throws(EnvelopeError) -> JobID? {
        guard let text = try string(.id) else { return nil }
        guard let id = JobID(text) else { throw .badText(.id, rule: "[A-Za-z0-9_-]{1,64}") }
        return id
    }

    func queue() throws(EnvelopeError) -> QueueName? {
        guard let text = try string(.queue) else { return nil }
        guard let queue = QueueName(text) else {
            throw .badText(.queue, rule: "[a-z0-9][a-z0-9_.-]{0,63}")
        }
        return queue
    }

    func uniqueKey() throws(EnvelopeError) -> String? {
        guard let text = try string(.uniqueKey) else { return nil }
        try EnvelopeLimits.checkUniqueKey(text)
        return text
    }

    /// An integer, the nearest one of `range`.
    func integer(
        _ field: EnvelopeField, in range: ClosedRange<Int64>
    ) throws(EnvelopeError) -> Int64? {
        guard let value = index.value(of: field) else { return nil }
        guard let integer = value.integer(in: bytes) else {
            throw .wrongKind(field, expected: "an integer")
        }
        return min(max(integer, range.lowerBound), range.upperBound)
    }

    /// A field that is read only when somebody asks is at least of the right kind.
    func check(
        _ field: EnvelopeField, is kind: JSONValue.Kind, _ expected: String
    ) throws(EnvelopeError) {
        guard let value = index.value(of: field), value.kind != kind else { return }
        throw .wrongKind(field, expected: expected)
    }

    func checkHeaders() throws(EnvelopeError) {
        guard let value = index.value(of: .headers) else { return }
        let expected = "an object of strings"
        guard value.kind == .object else { throw .wrongKind(.headers, expected: expected) }
        var allStrings = true
        do throws(JSONError) {
            let text = bytes.span
            var scanner = JSONScanner(at: value.range.lowerBound)
            try scanner.enterObject(in: text)
            while try scanner.nextName(in: text) != nil {
                if try scanner.value(in: text).kind != .string { allStrings = false }
            }
        } catch {
            throw .malformed(error)
        }
        guard allStrings else { throw .wrongKind(.headers, expected: expected) }
    }

    private func string(_ field: EnvelopeField) throws(EnvelopeError) -> String? {
        guard let value = index.value(of: field) else { return nil }
        guard let string = value.string(in: bytes) else {
            throw .wrongKind(field, expected: "a string")
        }
        return string
    }
}
