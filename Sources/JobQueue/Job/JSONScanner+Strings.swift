// Strings: the only place where JSON's bytes are more than ASCII.
extension JSONScanner {
    /// Reads the string that begins here.
    mutating func string(in text: Span<UInt8>) throws(JSONError) -> JSONValue {
        let start = offset
        try expect(UInt8(ascii: "\""), in: text)
        var hasEscapes = false
        while true {
            offset = Self.endOfPlain(from: offset, in: text)
            switch try peek(in: text) {
            case UInt8(ascii: "\""):
                offset += 1
                return JSONValue(.string, start..<offset, hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try skipEscape(in: text)
            case 0..<0x20: throw failure(.controlCharacter)
            default: try skipCharacter(in: text)
            }
        }
    }

    /// Where the run of ASCII that stands for itself ends.
    private static func endOfPlain(from start: Int, in text: Span<UInt8>) -> Int {
        var offset = start
        while offset < text.count {
            let byte = text[offset]
            guard
                byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\")
            else { break }
            offset += 1
        }
        return offset
    }

    private mutating func skipEscape(in text: Span<UInt8>) throws(JSONError) {
        let start = self
        offset += 1
        switch try peek(in: text) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
        case UInt8(ascii: "u"):
            switch try codeUnit(in: text) {
            case 0xD800..<0xDC00:
                guard offset < text.count, text[offset] == UInt8(ascii: "\\") else {
                    throw start.failure(.loneSurrogate)
                }
                offset += 1
                guard try peek(in: text) == UInt8(ascii: "u"),
                    case 0xDC00..<0xE000 = try codeUnit(in: text)
                else { throw start.failure(.loneSurrogate) }
            case 0xDC00..<0xE000: throw start.failure(.loneSurrogate)
            default: break
            }
        default: throw failure(.unknownEscape)
        }
    }

    /// Reads the `uXXXX` of an escape.
    private mutating func codeUnit(in text: Span<UInt8>) throws(JSONError) -> UInt32 {
        offset += 1
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = JSONValue.hexadecimalDigit(try peek(in: text)) else {
                throw failure(.unknownEscape)
            }
            unit = unit << 4 | digit
            offset += 1
        }
        return unit
    }

    /// Steps over one character beyond ASCII, by table 3-7 of the Unicode standard: no overlong
    /// forms, no surrogates, nothing above U+10FFFF.
    private mutating func skipCharacter(in text: Span<UInt8>) throws(JSONError) {
        let second: ClosedRange<UInt8>
        let length: Int
        switch text[offset] {
        case 0xC2...0xDF: (second, length) = (0x80...0xBF, 2)
        case 0xE0: (second, length) = (0xA0...0xBF, 3)
        case 0xED: (second, length) = (0x80...0x9F, 3)
        case 0xE1...0xEF: (second, length) = (0x80...0xBF, 3)
        case 0xF0: (second, length) = (0x90...0xBF, 4)
        case 0xF1...0xF3: (second, length) = (0x80...0xBF, 4)
        case 0xF4: (second, length) = (0x80...0x8F, 4)
        default: throw failure(.invalidUTF8)
        }
        guard length <= text.count - offset, second.contains(text[offset + 1]) else {
            throw failure(.invalidUTF8)
        }
        for index in 2..<length where text[offset + index] & 0xC0 != 0x80 {
            throw failure(.invalidUTF8)
        }
        offset += length
    }
}
