/// Makes one bounded line of whatever somebody else has written: an error's text, a command's output.
package enum LogText {
    /// - Returns: `text` with control characters escaped, cut off after about `limit` bytes.
    package static func line(_ text: String, atMost limit: Int = maxBytes) -> String {
        if text.utf8.count <= limit, text.utf8.allSatisfy(isPlain) { return text }
        return line(of: Array(text.utf8.prefix(limit)), more: text.utf8.count - limit)
    }

    /// The same for bytes that may be no text at all: what is not UTF-8 is escaped as well.
    package static func line(of bytes: some Collection<UInt8>, atMost limit: Int = maxBytes)
        -> String
    {
        line(of: Array(bytes.prefix(limit)), more: bytes.count - limit)
    }

    /// A line's message is cut off after so many bytes.
    package static let maxBytes = 4_096

    /// What needs no closer look: printable ASCII.
    private static func isPlain(_ byte: UInt8) -> Bool { byte &- 0x20 < 0x5F }

    private static func line(of bytes: [UInt8], more: Int) -> String {
        var line = ""
        line.reserveCapacity(bytes.count + 32)
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var position = 0
        parsing: while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                append(Unicode.UTF8.decode(encoded), to: &line)
                position += encoded.count
            case .error(let length):
                // The rest of a character that was cut in two says nothing.
                if more > 0, bytes.count - position < 4 { break parsing }
                for byte in bytes[position..<position + length] {
                    line += "\\x" + hexadecimal(UInt32(byte), digits: 2)
                }
                position += length
            case .emptyInput: break parsing
            }
        }
        if more > 0 { line += "… (\(more) bytes more)" }
        return line
    }

    private static func append(_ scalar: Unicode.Scalar, to line: inout String) {
        switch scalar.value {
        case 0x0A: line += "\\n"
        case 0x0D: line += "\\r"
        case 0x09: line += "\\t"
        case 0x00..<0x20, 0x7F: line += "\\x" + hexadecimal(scalar.value, digits: 2)
        case 0x80..<0xA0,
            // Line and paragraph separators, and what turns the direction of the text around.
            0x2028...0x202E, 0x2066...0x2069:
            line += "\\u{" + hexadecimal(scalar.value, digits: 2) + "}"
        default: line.unicodeScalars.append(scalar)
        }
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
