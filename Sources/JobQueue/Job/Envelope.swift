/// A job's record as it lies in the broker: one JSON object, kept byte for byte. A class, because it is
/// large and handed on from the claim to all that is done with the job.
package final class Envelope: Sendable {
    /// The record, as it was read.
    package let bytes: [UInt8]
    /// Where the known fields stand in it.
    let index: EnvelopeIndex

    package let type: JobType
    /// `nil`: its producer gave none, and it was not claimed before.
    package let id: JobID?
    package let queue: QueueName?
    /// Attempts made so far.
    package let attempts: Int
    package let maxAttempts: Int?
    /// One attempt's limit.
    package let timeout: Duration?
    /// Unix milliseconds, within `EnvelopeLimits.time`, like all times here.
    package let enqueuedAt: Int64?
    package let uniqueKey: String?
    package let failedAt: Int64?
    /// How often its worker was lost while it ran.
    package let lost: Int
    /// How often it was given back without an attempt.
    package let released: Int
    /// For how long its end is kept to be looked up; zero: not at all. `nil`: its handler decides.
    package let retention: Duration?
    /// When it became pending, where it was not enqueued as pending.
    package let pendingAt: Int64?

    /// Reads a record. `maxPayload` is in bytes.
    package init(_ bytes: [UInt8], maxPayload: Int) throws(EnvelopeError) {
        let hardLimit = EnvelopeLimits.envelopeWithOwnFields(maxPayload: maxPayload)
        guard bytes.count <= hardLimit else {
            throw .envelopeTooLarge(bytes: bytes.count, limit: hardLimit)
        }
        let index = try EnvelopeIndex(of: bytes)
        let limit = EnvelopeLimits.envelope(maxPayload: maxPayload)
        guard bytes.count - index.ownBytes <= limit else {
            throw .envelopeTooLarge(bytes: bytes.count - index.ownBytes, limit: limit)
        }
        if let payload = index.value(of: .payload), payload.range.count > maxPayload {
            throw .payloadTooLarge(bytes: payload.range.count, limit: maxPayload)
        }

        let fields = EnvelopeReader(bytes: bytes, index: index)
        guard let type = try fields.type() else { throw .noType }
        self.type = type
        id = try fields.id()
        queue = try fields.queue()
        attempts = Int(try fields.integer(.attempts, in: EnvelopeLimits.attempts) ?? 0)
        maxAttempts = try fields.integer(.maxAttempts, in: EnvelopeLimits.maxAttempts).map {
            Int($0)
        }
        timeout = try fields.integer(.timeout, in: EnvelopeLimits.timeoutMilliseconds)
            .map { .milliseconds($0) }
        enqueuedAt = try fields.integer(.enqueuedAt, in: EnvelopeLimits.time)
        uniqueKey = try fields.uniqueKey()
        failedAt = try fields.integer(.failedAt, in: EnvelopeLimits.time)
        lost = Int(try fields.integer(.lost, in: EnvelopeLimits.attempts) ?? 0)
        released = Int(try fields.integer(.released, in: EnvelopeLimits.attempts) ?? 0)
        retention = try fields.integer(.retention, in: EnvelopeLimits.retentionMilliseconds)
            .map { .milliseconds($0) }
        // Only for metrics: another's field of this name is no reason to refuse the job.
        pendingAt = try? fields.integer(.pendingAt, in: EnvelopeLimits.time)
        try fields.checkHeaders()
        try fields.check(.lastError, is: .string, "a string")
        try fields.check(.failures, is: .array, "an array")
        self.bytes = bytes
        self.index = index
    }

    /// What the handler gets: one JSON value, `null` when the producer gave none.
    package var payload: Payload {
        guard let value = index[.payload]?.value else { return Self.noPayload }
        return Payload(of: bytes, at: value.range)
    }

    /// A field that means nothing here, and whose producer meant something by it.
    package var misunderstoodField: String? { index.misunderstood?.string(in: bytes) }

    /// Since when a job that is pending waits for its run; `nil`: it does not say.
    package var pendingSince: Int64? {
        [enqueuedAt, pendingAt, attempts > 0 ? failedAt : nil].compactMap { $0 }.max()
    }

    /// The last failure, made a string when asked for.
    package var lastError: String? { index.value(of: .lastError)?.string(in: bytes) }

    /// The failed attempts that the record tells of, read when asked for.
    package var failures: FailureList {
        guard let value = index.value(of: .failures) else { return FailureList() }
        return FailureList(reading: value, in: bytes)
    }

    /// What the producer sends along, made strings when asked for. The last of equal names counts.
    package var headers: [String: String] {
        guard let value = index.value(of: .headers),
            // Cannot fail: the same bytes were read before.
            let members = try? JSONValue.members(in: bytes, at: value.range.lowerBound)
        else { return [:] }
        let pairs = members.map { ($0.name, $0.value.string(in: bytes) ?? "") }
        return Dictionary(pairs, uniquingKeysWith: { _, last in last })
    }

    private static let noPayload = Payload(Array("null".utf8))
}
