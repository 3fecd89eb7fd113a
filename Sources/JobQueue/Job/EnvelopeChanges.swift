/// What the daemon writes into a record. `nil` leaves a field as it is.
package struct EnvelopeChanges: Sendable, Equatable {
    package var id: JobID?
    package var attempts: Int?
    package var lastError: String?
    package var failedAt: Int64?
    package var lost: Int?
    package var released: Int?
    /// Whether the traces of failures are set back, where there are any.
    package var forgetsFailures = false

    package init(
        id: JobID? = nil, attempts: Int? = nil, lastError: String? = nil, failedAt: Int64? = nil,
        lost: Int? = nil, released: Int? = nil
    ) {
        self.id = id
        self.attempts = attempts
        self.lastError = lastError
        self.failedAt = failedAt
        self.lost = lost
        self.released = released
    }

    /// A dead job that begins anew.
    package static let requeued: EnvelopeChanges = {
        var changes = EnvelopeChanges(attempts: 0)
        changes.forgetsFailures = true
        return changes
    }()

    /// The new values as JSON text. A field in the second list is only replaced, never added.
    fileprivate var values: (set: [(EnvelopeField, [UInt8])], reset: [(EnvelopeField, [UInt8])]) {
        var set: [(EnvelopeField, [UInt8])] = []
        func number(_ field: EnvelopeField, _ value: (some FixedWidthInteger)?) {
            if let value { set.append((field, Array(String(value).utf8))) }
        }
        func string(_ field: EnvelopeField, _ value: String?) {
            guard let value else { return }
            var text: [UInt8] = []
            JSONText.append(value, to: &text)
            set.append((field, text))
        }
        string(.id, id?.description)
        number(.attempts, attempts)
        number(.lost, lost)
        number(.released, released)
        number(.failedAt, failedAt)
        string(.lastError, lastError.map(ErrorText.clipped))
        let reset: [(EnvelopeField, [UInt8])] =
            forgetsFailures
            ? [EnvelopeField.lastError, .failedAt, .lost, .released].map { ($0, Array("null".utf8)) }
            : []
        return (set, reset)
    }
}

extension Envelope {
    /// The record with `changes` written into it: values are replaced where they stand, or added
    /// before the closing brace. All other bytes stay as they are.
    package func updated(_ changes: EnvelopeChanges) -> [UInt8] {
        var places: [EnvelopeField: Range<Int>] = [:]
        var reader = FieldReader(bytes)
        // These bytes were read before without an error.
        while let (field, value) = try? reader.next() { places[field] = value }

        let (set, reset) = changes.values
        var edits: [(place: Range<Int>, text: [UInt8])] = []
        var added: [UInt8] = []
        for (field, text) in set {
            if let place = places[field] {
                edits.append((place, text))
            } else {
                JSONText.appendName(field.name, to: &added)
                added += text
            }
        }
        for (field, text) in reset {
            if let place = places[field] { edits.append((place, text)) }
        }
        edits.sort { $0.place.lowerBound < $1.place.lowerBound }

        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + added.count + 64)
        var copied = 0
        for edit in edits {
            output += bytes[copied..<edit.place.lowerBound]
            output += edit.text
            copied = edit.place.upperBound
        }
        output += bytes[copied..<reader.closingBrace]
        output += added
        output += bytes[reader.closingBrace...]
        return output
    }
}

/// Texts of errors as they are kept with a job.
package enum ErrorText {
    private static let limit = 4096

    /// At most 4 KiB of UTF-8, cut at a character's boundary and then ended by `…`.
    package static func clipped(_ text: String) -> String {
        guard text.utf8.count > limit else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit - 3)
        while String.Index(end, within: text) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end]) + "…"
    }
}
