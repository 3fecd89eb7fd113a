/// What an envelope may hold. Numbers beyond are clamped where an envelope is read, and refused
/// where a job is enqueued.
package enum EnvelopeLimits {
    package static let attempts: ClosedRange<Int64> = 0...1_000_000_000
    package static let maxAttempts: ClosedRange<Int64> = 1...1_000_000_000
    /// One millisecond to 365 days.
    package static let timeoutMilliseconds: ClosedRange<Int64> = 1...31_536_000_000
    /// The same as a duration.
    package static let timeout: ClosedRange<Duration> = .milliseconds(1) ... .seconds(365 * 86_400)
    /// 30 days; 0: nothing is kept.
    package static let retentionMilliseconds: ClosedRange<Int64> = 0...2_592_000_000
    /// The same as a duration.
    package static let retention: ClosedRange<Duration> = .zero ... .seconds(30 * 86_400)
    /// How long an id of a producer's own may be remembered: five years, more than any slot of a calendar.
    package static let remember: ClosedRange<Duration> =
        .milliseconds(1) ... .seconds(1826 * 86_400)
    /// How long it is, where its producer does not say.
    package static let standardRemember: Duration = .seconds(86_400)
    /// The last failed attempts that a record tells of.
    static let failures = 10
    /// Bytes of the reason of each; the whole reason of the last is in `last_error`.
    static let failureReason = 256
    /// How far off a start may be.
    package static let delay: ClosedRange<Duration> = .zero ... .seconds(36_500 * 86_400)
    /// Unix milliseconds, from 1970 to the end of the year 9999: differences of two never overflow.
    package static let time: ClosedRange<Int64> = 0...253_402_300_799_999
    /// Bytes of UTF-8.
    package static let uniqueKey = 1...256

    /// What a producer may write beside the payload.
    private static let besidePayload = 64 * 1024
    /// Room for the fields that the daemon writes, so that a job that was acceptable stays so: an
    /// error text of which each byte is escaped with six, the failures with names and numbers of
    /// their own, and a few numbers.
    private static let ownFields = 6 * ErrorText.limit + failures * (6 * failureReason + 160) + 1024
    /// What offsets in an envelope can express.
    private static let addressable = Int(Int32.max)

    /// The most an envelope may have, its own fields not counted.
    static func envelope(maxPayload: Int) -> Int {
        min(max(0, maxPayload), addressable - besidePayload - ownFields) + besidePayload
    }

    /// The most an envelope may have with its own fields.
    static func envelopeWithOwnFields(maxPayload: Int) -> Int {
        envelope(maxPayload: maxPayload) + ownFields
    }

    /// A unique key has the right length, and no control characters.
    static func checkUniqueKey(_ key: String) throws(EnvelopeError) {
        guard uniqueKey.contains(key.utf8.count),
            key.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw .badText(.uniqueKey, rule: "1 to 256 bytes without control characters") }
    }
}
