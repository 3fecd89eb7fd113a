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

    /// A line that is no wider than so many columns; what is left out is told by an ellipsis.
    ///
    /// - Parameter line: harmless text, with the colours of a `Palette` at most.
    package static func cut(_ line: String, to columns: Int) -> String {
        var output = ""
        // What stands before the ellipsis when there is more than fits.
        var atLimit: String?
        var width = 0
        var isColour = false
        for character in line {
            if isColour || character == "\u{1B}" {
                isColour = character != "m"
                output.append(character)
                continue
            }
            width += Self.width(of: character)
            if width > columns {
                return (atLimit ?? output) + (columns > 0 ? "…" : "") + reset(line)
            }
            // One column is kept for the ellipsis.
            if width > columns - 1 && atLimit == nil { atLimit = output }
            output.append(character)
        }
        return output
    }

    /// Ends the colours of a line that is cut within them.
    private static func reset(_ line: String) -> String {
        line.contains("\u{1B}") ? "\u{1B}[0m" : ""
    }

    /// How many columns a terminal gives to a character: two to those of East Asia and to pictures.
    package static func columns(of text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + width(of: $1) }
    }

    private static func width(of character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        return switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
            0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            2
        default: 1
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
