/// What the daemon changes in an envelope. What is `nil` stays as it is.
package struct EnvelopeChanges: Sendable {
    package var id: JobID?
    package var attempts: Int?
    /// Kept up to `ErrorText.limit`.
    package var lastError: String?
    /// Unix milliseconds, like `enqueuedAt`.
    package var failedAt: Int64?
    package var lost: Int?
    package var released: Int?
    package var enqueuedAt: Int64?
    package var failures: FailureList?
    /// Fields to take out, except those that are set above.
    package var removed: Set<EnvelopeField> = []

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

    /// From dead back to pending: as if it had never run.
    package static let requeued: EnvelopeChanges = {
        var changes = EnvelopeChanges()
        changes.attempts = 0
        changes.removed = [.lastError, .failedAt, .lost, .released, .failures]
        return changes
    }()

    /// For a list of many.
    package static let withoutPayload: EnvelopeChanges = {
        var changes = EnvelopeChanges()
        changes.removed = [.payload, .headers]
        return changes
    }()

    /// The new values as JSON, in the order in which they are appended.
    fileprivate var values: [(field: EnvelopeField, json: [UInt8])] {
        let texts: [(EnvelopeField, String?)] = [
            (.id, id?.description), (.lastError, lastError.map { ErrorText.clipped($0) }),
        ]
        let numbers: [(EnvelopeField, Int64?)] = [
            (.enqueuedAt, enqueuedAt), (.attempts, attempts.map { Int64($0) }),
            (.lost, lost.map { Int64($0) }), (.released, released.map { Int64($0) }),
            (.failedAt, failedAt),
        ]
        var values: [(field: EnvelopeField, json: [UInt8])] = []
        for case (let field, let number?) in numbers {
            values.append((field, Array(String(number).utf8)))
        }
        for case (let field, let text?) in texts {
            var json: [UInt8] = []
            json.append(jsonString: text)
            values.append((field, json))
        }
        if let failures { values.append((.failures, failures.encoded())) }
        return values
    }
}

extension Envelope {
    /// The record with `changes`: values are replaced where they stand or appended as last fields, and
    /// everything else stays byte for byte.
    package func updated(_ changes: EnvelopeChanges) -> [UInt8] {
        let values = changes.values
        var added = values
        added.removeAll { index[$0.field] != nil }
        let edits = edits(setting: values, removing: changes.removed)
        // What is taken out has no room: a list keeps many records without their payload.
        let removed = edits.reduce(0) { $0 + ($1.json == nil ? $1.range.count : 0) }
        let length = values.reduce(bytes.count - removed) {
            $0 + $1.json.count + $1.field.name.utf8.count + 4
        }

        var output: [UInt8] = []
        output.reserveCapacity(length)
        var position = 0
        for edit in edits {
            output.append(contentsOf: bytes[position..<edit.range.lowerBound])
            position = edit.range.upperBound
            if let json = edit.json {
                output.append(contentsOf: json)
            } else {
                position = closeGap(at: position, in: &output)
            }
        }

        let end = bytes.lastIndex(of: UInt8(ascii: "}")) ?? bytes.endIndex
        output.append(contentsOf: bytes[position..<end])
        for (field, json) in added {
            if output.last(where: { !JSONValue.isWhitespace($0) }) != UInt8(ascii: "{") {
                output.append(UInt8(ascii: ","))
            }
            output.append(jsonString: field.name)
            output.append(UInt8(ascii: ":"))
            output.append(contentsOf: json)
        }
        output.append(contentsOf: bytes[end...])
        return output
    }

    /// Which bytes give way, in order, and to what; `nil`: a member that is taken out.
    private func edits(
        setting values: [(field: EnvelopeField, json: [UInt8])],
        removing removed: Set<EnvelopeField>
    ) -> [(range: Range<Int>, json: [UInt8]?)] {
        var edits: [(range: Range<Int>, json: [UInt8]?)] = []
        for (field, json) in values {
            guard let member = index[field] else { continue }
            edits.append((member.value.range, json))
        }
        for field in removed where !values.contains(where: { $0.field == field }) {
            guard let member = index[field] else { continue }
            edits.append((member.range, nil))
        }
        return edits.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// A member was taken out before `position`: takes the comma behind it as well, or, when it was
    /// the last, the one before it from `output`.
    ///
    /// - Returns: where to go on.
    private func closeGap(at position: Int, in output: inout [UInt8]) -> Int {
        let next = firstText(from: position)
        if next < bytes.count, bytes[next] == UInt8(ascii: ",") { return firstText(from: next + 1) }
        while let last = output.last, JSONValue.isWhitespace(last) { output.removeLast() }
        if output.last == UInt8(ascii: ",") { output.removeLast() }
        return position
    }

    private func firstText(from position: Int) -> Int {
        bytes[position...].firstIndex { !JSONValue.isWhitespace($0) } ?? bytes.endIndex
    }
}
