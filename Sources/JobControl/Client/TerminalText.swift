/// Makes foreign text harmless on a terminal: what would steer it, or turn around what is read, is
/// shown as an escape.
package enum TerminalText {
    /// One line: line breaks and tabs are escaped too.
    package static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { line, scalar in
            if !isHarmful(scalar) {
                line.unicodeScalars.append(scalar)
            } else {
                line += escape(scalar)
            }
        }
    }

    /// JSON text that means the same. Its line breaks stay.
    package static func escapedJSON(_ json: String) -> String {
        json.unicodeScalars.reduce(into: "") { output, scalar in
            if scalar == "\n" || !isHarmful(scalar) {
                output.unicodeScalars.append(scalar)
            } else {
                // It can only stand in a string, as JSON allows it nowhere else.
                for unit in String(scalar).utf16 { output += "\\u" + hexadecimal(unit, digits: 4) }
            }
        }
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
            .unassigned:
            true
        default: false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(scalar.value, radix: 16))}"
        }
    }

    private static func hexadecimal(_ number: UInt16, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
