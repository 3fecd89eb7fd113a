extension Envelope {
    /// Writes the record of a new job. The payload is checked, and taken over byte for byte.
    ///
    /// - Parameters:
    ///   - enqueuedAt: Unix milliseconds.
    ///   - maxPayload: The largest payload, in bytes.
    package static func encode(
        _ job: NewJob, id: JobID, enqueuedAt: Int64, maxPayload: Int
    ) throws(EnvelopeError) -> [UInt8] {
        try check(job, maxPayload: maxPayload)
        var output: [UInt8] = []
        output.reserveCapacity(job.payload.bytes.count + 160)
        output += #"{"type":""#.utf8
        output += job.type.description.utf8
        output += #"","id":""#.utf8
        output += id.description.utf8
        output += #"","enqueued_at":"#.utf8
        output += String(enqueuedAt).utf8
        JSONText.appendName(EnvelopeField.payload.name, to: &output)
        output += job.payload.bytes
        if let maxAttempts = job.maxAttempts {
            JSONText.appendName(EnvelopeField.maxAttempts.name, to: &output)
            output += String(maxAttempts).utf8
        }
        if let timeout = job.timeout {
            JSONText.appendName(EnvelopeField.timeout.name, to: &output)
            output += String(timeout.wholeMilliseconds).utf8
        }
        if let key = job.uniqueKey {
            JSONText.appendName(EnvelopeField.uniqueKey.name, to: &output)
            JSONText.append(key, to: &output)
        }
        if !job.headers.isEmpty {
            JSONText.appendName(EnvelopeField.headers.name, to: &output)
            append(job.headers, to: &output)
        }
        output.append(UInt8(ascii: "}"))
        let limit = maxPayload + headroom
        guard output.count <= limit else { throw .tooLarge(size: output.count, limit: limit) }
        return output
    }

    private static func check(_ job: NewJob, maxPayload: Int) throws(EnvelopeError) {
        let size = job.payload.bytes.count
        guard size <= maxPayload else { throw .payloadTooLarge(size: size, limit: maxPayload) }
        do {
            var scanner = JSONScanner(Array(job.payload.bytes))
            // One level deeper than it stands here: it will be inside the record.
            _ = try scanner.value(depth: 1)
            try scanner.end()
        } catch {
            throw .malformed("the payload is \(error)")
        }
        if let attempts = job.maxAttempts, !(1...1_000_000_000).contains(attempts) {
            throw .badField(
                name: EnvelopeField.maxAttempts.name, rule: "between 1 and 1000000000")
        }
        if let timeout = job.timeout, timeout < .milliseconds(1) || timeout > .seconds(31_536_000) {
            throw .badField(name: "timeout", rule: "between 1 ms and 365 days")
        }
        if let key = job.uniqueKey, UniqueKey.checked(key) == nil {
            throw .badField(name: EnvelopeField.uniqueKey.name, rule: UniqueKey.rule)
        }
        switch job.start {
        case .after(let delay) where delay < .zero || delay > Self.longestDelay:
            throw .badField(name: "delay", rule: "between 0 and 10 years")
        case .at(let time) where time < 0 || time > Self.latestStart:
            throw .badField(name: "time", rule: "between the years 1970 and 9999")
        default: break
        }
    }

    private static let longestDelay = Duration.seconds(10 * 365 * 86_400)
    /// The end of the year 9999, Unix milliseconds.
    private static let latestStart: Int64 = 253_402_300_799_999

    private static func append(_ headers: [String: String], to output: inout [UInt8]) {
        var separator = UInt8(ascii: "{")
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            output.append(separator)
            JSONText.append(name, to: &output)
            output.append(UInt8(ascii: ":"))
            JSONText.append(value, to: &output)
            separator = UInt8(ascii: ",")
        }
        output.append(UInt8(ascii: "}"))
    }
}

extension UniqueKey {
    static let rule = "1 to 256 bytes without control characters"

    /// `key` when it may be one.
    static func checked(_ key: String) -> String? {
        let isClean = key.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        return isClean && (1...256).contains(key.utf8.count) ? key : nil
    }
}
