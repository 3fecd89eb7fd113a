/// The name that picks a job's handler, such as `email:welcome`:
/// `[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}`.
public struct JobType: Hashable, Sendable, CustomStringConvertible {
    /// The name itself.
    public let description: String

    /// - Returns: `nil` when `text` is not a type's name.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        guard Name.matches(text, atMost: 128, first: Name.isAlphanumeric, rest: Name.isTypeByte)
        else { return nil }
        description = text
    }
}

/// A job's identity: `[A-Za-z0-9_-]{1,64}`. The producer's own, a UUIDv7 given when it is enqueued,
/// or made from the worker and the token of its first claim.
public struct JobID: Hashable, Sendable, CustomStringConvertible {
    /// The id itself.
    public let description: String

    /// - Returns: `nil` when `text` is not an id.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        guard Name.matches(text, atMost: 64, first: Name.isIDByte, rest: Name.isIDByte)
        else { return nil }
        description = text
    }

    /// For ids that are known to be well-formed.
    init(known id: String) { description = id }
}

/// The name of a queue: `[a-z0-9][a-z0-9_.-]{0,63}`.
public struct QueueName: Hashable, Sendable, CustomStringConvertible {
    /// The name itself.
    public let description: String

    /// - Returns: `nil` when `text` is not a queue's name.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        guard
            Name.matches(
                text, atMost: 64, first: Name.isLowercaseAlphanumeric, rest: Name.isQueueByte)
        else { return nil }
        description = text
    }

    /// The queue that is used where none is named.
    public static let `default` = QueueName(known: "default")

    private init(known name: String) { description = name }
}

/// One running daemon's identity in the broker, new at each start and after each lost lease: 20
/// lower-case hexadecimal digits, 12 of Unix milliseconds and 8 at random.
package struct WorkerID: Hashable, Sendable, CustomStringConvertible {
    /// Bytes of an identity that `init(unixMilliseconds:random:)` made.
    static let length = 20
    package let description: String

    /// Makes a new identity. `unixMilliseconds` and `random` come from the caller.
    package init(unixMilliseconds: Int64, random: UInt32) {
        description =
            Name.hexadecimal(UInt64(clamping: unixMilliseconds), digits: 12)
            + Name.hexadecimal(UInt64(random), digits: 8)
    }

    /// Reads an identity that was stored. `nil` when `text` is none.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        guard Name.matches(text, atMost: 64, first: Name.isIDByte, rest: Name.isIDByte)
        else { return nil }
        description = text
    }
}

/// Which bytes a name may have.
enum Name {
    static func matches(
        _ text: String, atMost limit: Int, first: (UInt8) -> Bool, rest: (UInt8) -> Bool
    ) -> Bool {
        let bytes = text.utf8.span
        guard !bytes.isEmpty, bytes.count <= limit, first(bytes[0]) else { return false }
        for index in 1..<bytes.count where !rest(bytes[index]) { return false }
        return true
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    static func isLowercaseAlphanumeric(_ byte: UInt8) -> Bool {
        byte &- 0x61 < 26 || isDigit(byte)
    }
    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || isDigit(byte)
    }
    static func isIDByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
    static func isTypeByte(_ byte: UInt8) -> Bool {
        isIDByte(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
    }
    static func isQueueByte(_ byte: UInt8) -> Bool {
        isLowercaseAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".")
    }

    /// The lowest `digits` hexadecimal digits of `value`, with leading zeros.
    static func hexadecimal(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text.suffix(digits)
    }
}
