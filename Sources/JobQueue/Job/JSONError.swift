/// Why bytes are not one JSON document, and where.
package struct JSONError: Error, Equatable, CustomStringConvertible {
    /// Offset of the byte at which the reading stopped; the length of the text when it ended early.
    package let offset: Int
    package let reason: Reason

    package enum Reason: String, Sendable {
        case endsTooEarly = "the text ends too early"
        case unexpectedByte = "unexpected character"
        case trailingBytes = "something follows the value"
        case byteOrderMark = "byte order mark"
        case tooDeep = "nested deeper than 64"
        case controlCharacter = "control character in a string"
        case unknownEscape = "unknown escape"
        case loneSurrogate = "half of a surrogate pair"
        case invalidUTF8 = "invalid UTF-8"
    }

    package init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    package var description: String { "malformed JSON at byte \(offset): \(reason.rawValue)" }
}
