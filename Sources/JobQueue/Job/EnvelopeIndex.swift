/// Where the known fields stand in an envelope's bytes, found in one pass over them. A class, because each look
/// into a struct of this size copies it.
final class EnvelopeIndex: Sendable {
    /// One member of the object: `"name": value`. Small, because an envelope carries one for each
    /// known field.
    struct Member: Sendable {
        private let nameStart: UInt32
        private let valueStart: UInt32
        private let valueEnd: UInt32
        private let kind: JSONValue.Kind
        private let hasEscapes: Bool

        init(name: JSONValue, value: JSONValue) {
            nameStart = UInt32(name.range.lowerBound)
            valueStart = UInt32(value.range.lowerBound)
            valueEnd = UInt32(value.range.upperBound)
            kind = value.kind
            hasEscapes = value.hasEscapes
        }

        /// From the name's first quote to the value's end.
        var range: Range<Int> { Int(nameStart)..<Int(valueEnd) }
        var value: JSONValue {
            JSONValue(kind, Int(valueStart)..<Int(valueEnd), hasEscapes: hasEscapes)
        }
    }

    /// By the field's raw value, as many as there are fields.
    private let members: InlineArray<17, Member?>
    /// The name of a field that means nothing here, and whose producer meant something by it; `nil`: there
    /// is none.
    let misunderstood: JSONValue?
    /// How many bytes the fields take that the daemon writes, each with a comma.
    let ownBytes: Int

    /// `bytes` must be few enough for 32-bit offsets.
    init(of bytes: [UInt8]) throws(EnvelopeError) {
        var members = InlineArray<17, Member?>(repeating: nil)
        var ownBytes = 0
        var repeated: EnvelopeField?
        var misunderstood: JSONValue?
        do throws(JSONError) {
            let text = bytes.span
            var scanner = JSONScanner()
            try scanner.enterObject(in: text)
            while let name = try scanner.nextName(in: text) {
                let value = try scanner.value(in: text)
                guard let field = Self.field(name, in: bytes) else {
                    if misunderstood == nil, EnvelopeField.isMisunderstood(name, in: bytes) {
                        misunderstood = name
                    }
                    continue
                }
                let member = Member(name: name, value: value)
                if members[field.rawValue] != nil { repeated = repeated ?? field }
                if field.isOwn { ownBytes += member.range.count + 1 }
                members[field.rawValue] = member
            }
            try scanner.end(of: text)
        } catch {
            throw Self.refusal(of: bytes)
        }
        if let repeated { throw .twice(repeated) }
        self.members = members
        self.misunderstood = misunderstood
        self.ownBytes = ownBytes
    }

    /// The member of this field, when it is there.
    subscript(field: EnvelopeField) -> Member? { members[field.rawValue] }

    /// The field's value, when it is there and not `null`.
    func value(of field: EnvelopeField) -> JSONValue? {
        guard let value = self[field]?.value, value.kind != .null else { return nil }
        return value
    }

    /// Tells a list or a number, which are JSON as well, from garbage.
    private static func refusal(of bytes: [UInt8]) -> EnvelopeError {
        do throws(JSONError) {
            _ = try JSONScanner.document(bytes.span)
            return .notAnObject
        } catch {
            return .malformed(error)
        }
    }

    private static func field(_ name: JSONValue, in bytes: [UInt8]) -> EnvelopeField? {
        guard name.hasEscapes else {
            let contents = name.range.lowerBound + 1..<name.range.upperBound - 1
            return EnvelopeField.named(bytes.span.extracting(contents))
        }
        return name.string(in: bytes).flatMap { EnvelopeField.named(Array($0.utf8).span) }
    }
}
