extension Envelope {
    /// Writes the record of a new job. Its queue is not in it: that is the list it goes to.
    ///
    /// - Parameters:
    ///   - enqueuedAt: Unix milliseconds.
    ///   - maxPayload: in bytes.
    package static func encode(
        _ job: NewJob, id: JobID, enqueuedAt: Int64, maxPayload: Int
    ) throws(EnvelopeError) -> [UInt8] {
        try check(job)
        let payload = try checkedPayload(of: job, maxPayload: maxPayload)
        var output: [UInt8] = []
        output.reserveCapacity(payload.count + 320)
        output.append(verbatim: "{\"type\":\"")
        output.append(verbatim: job.type.description)
        output.append(verbatim: "\",\"id\":\"")
        output.append(verbatim: id.description)
        output.append(verbatim: "\",\"enqueued_at\":")
        output.append(decimal: enqueuedAt)
        if let maxAttempts = job.maxAttempts {
            output.append(verbatim: ",\"max_attempts\":")
            output.append(decimal: maxAttempts)
        }
        if let timeout = job.timeout {
            output.append(verbatim: ",\"timeout_ms\":")
            output.append(decimal: timeout.wholeMilliseconds)
        }
        if let retention = job.retention {
            output.append(verbatim: ",\"retention_ms\":")
            output.append(decimal: retention.wholeMilliseconds)
        }
        if let uniqueKey = job.uniqueKey {
            output.append(verbatim: ",\"unique_key\":")
            output.append(jsonString: uniqueKey)
        }
        if !job.headers.isEmpty {
            output.append(verbatim: ",\"headers\":")
            output.append(jsonObject: job.headers.sorted { $0.key < $1.key })
        }
        if !payload.isEmpty {
            output.append(verbatim: ",\"payload\":")
            output.append(contentsOf: payload)
        }
        output.append(UInt8(ascii: "}"))
        let limit = EnvelopeLimits.envelope(maxPayload: maxPayload)
        guard output.count <= limit else {
            throw .envelopeTooLarge(bytes: output.count, limit: limit)
        }
        return output
    }

    /// The payload's value without the white space around it; nothing for `null`, which is the default.
    private static func checkedPayload(
        of job: NewJob, maxPayload: Int
    ) throws(EnvelopeError) -> ArraySlice<UInt8> {
        let bytes = job.payload.bytes
        let value: JSONValue
        do {
            // It will stand in the envelope's object.
            value = try JSONScanner.document(bytes.span, depth: 1)
        } catch {
            throw .payloadMalformed(error)
        }
        guard value.range.count <= maxPayload else {
            throw .payloadTooLarge(bytes: value.range.count, limit: maxPayload)
        }
        guard value.kind != .null else { return [] }
        return bytes.dropFirst(value.range.lowerBound).prefix(value.range.count)
    }

    private static func check(_ job: NewJob) throws(EnvelopeError) {
        if let maxAttempts = job.maxAttempts,
            !EnvelopeLimits.maxAttempts.contains(Int64(maxAttempts))
        {
            throw .outOfRange("max_attempts", allowed: "1 to 1000000000")
        }
        if let timeout = job.timeout, !EnvelopeLimits.timeout.contains(timeout) {
            throw .outOfRange("timeout", allowed: "1 ms to 365 days")
        }
        if let retention = job.retention, !EnvelopeLimits.retention.contains(retention) {
            throw .outOfRange("the retention", allowed: "0 to 30 days")
        }
        if let remember = job.remember, !EnvelopeLimits.remember.contains(remember) {
            throw .outOfRange(
                "the time for which the id is remembered", allowed: "1 ms to 1826 days")
        }
        if let uniqueKey = job.uniqueKey { try EnvelopeLimits.checkUniqueKey(uniqueKey) }
        switch job.start {
        case .after(let delay) where !EnvelopeLimits.delay.contains(delay):
            throw .outOfRange("the delay", allowed: "0 to 36500 days")
        case .at(let time) where !EnvelopeLimits.time.contains(time):
            throw .outOfRange("the time of the start", allowed: "1970 to 9999")
        default: break
        }
    }
}
