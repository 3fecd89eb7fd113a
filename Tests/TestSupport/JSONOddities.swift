/// What a JSON text holds that readers disagree about, found by looking at the bytes outside strings:
/// no reader of JSON is asked.
package struct JSONOddities {
    /// How many brackets and braces are open at most.
    package private(set) var nesting = 0
    /// A comma right before a bracket or brace that closes.
    package private(set) var hasTrailingComma = false
    /// A number that no `Double` can hold.
    package private(set) var hasHugeNumber = false
    package let hasByteOrderMark: Bool
    /// U+FEFF elsewhere, where it is a character like any other.
    package let hasMarkInside: Bool
    /// Readers that guess at UTF-16 and UTF-32 look for it.
    package let hasEarlyNUL: Bool

    /// What RFC 8259 or this project refuses, whatever others do.
    package var mustBeRefused: Bool {
        nesting > 64 || hasTrailingComma || hasByteOrderMark || hasEarlyNUL
    }

    package init(of bytes: [UInt8]) {
        hasByteOrderMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        hasMarkInside = String(decoding: bytes.dropFirst(), as: UTF8.self).unicodeScalars.contains(
            "\u{FEFF}")
        hasEarlyNUL = bytes.prefix(4).contains(0)
        var depth = 0
        var lastText: UInt8 = 0
        var number = ""
        for byte in Self.withoutStrings(bytes) + [UInt8(ascii: " ")] {
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                nesting = max(nesting, depth)
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                if lastText == UInt8(ascii: ",") { hasTrailingComma = true }
            default: break
            }
            if Array("+-.eE0123456789".utf8).contains(byte) {
                number.append(Character(Unicode.Scalar(byte)))
            } else {
                if let value = Double(number), value.isInfinite { hasHugeNumber = true }
                number = ""
            }
            if byte > UInt8(ascii: " ") { lastText = byte }
        }
    }

    /// The bytes, with `"` for each string.
    private static func withoutStrings(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var isInString = false
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
                if !isInString { output.append(byte) }
            } else if !isInString {
                output.append(byte)
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            }
        }
        return output
    }
}
