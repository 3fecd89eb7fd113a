/// Walks over JSON text and checks it strictly by RFC 8259, without making anything of it: what it
/// returns are places in the text.
///
/// Refused beyond the grammar: nesting deeper than 64, invalid UTF-8, surrogates that are not pairs,
/// a byte order mark, anything after the value. No input makes it trap.
struct JSONScanner {
    static let maxDepth = 64

    let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Begins at `position`.
    init(_ bytes: [UInt8], at position: Int) {
        self.bytes = bytes
        self.position = position
    }

    /// A string's contents, without its quotes.
    struct StringToken {
        let contents: Range<Int>
        let hasEscapes: Bool
    }

    /// The next byte that is no white space, which is not consumed; `nil` at the end.
    mutating func peek() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            case let byte: return byte
            }
        }
        return nil
    }

    /// Consumes `byte` if it is next.
    mutating func consume(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    /// Consumes one value of any kind; returns where it stands.
    mutating func value(depth: Int = 0) throws(JSONError) -> Range<Int> {
        guard let first = peek() else { throw failure("the text ends where a value belongs") }
        let start = position
        switch first {
        case UInt8(ascii: "{"): try object(depth: depth)
        case UInt8(ascii: "["): try array(depth: depth)
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw failure("a value cannot begin like this")
        }
        return start..<position
    }

    /// Consumes one string, whose quote must be next.
    mutating func string() throws(JSONError) -> StringToken {
        position += 1
        let start = position
        var hasEscapes = false
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return StringToken(contents: start..<(position - 1), hasEscapes: hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try escape()
            } else if byte < 0x20 {
                throw failure("a control character in a string must be escaped")
            } else if byte < 0x80 {
                position += 1
            } else {
                try multibyteCharacter(byte)
            }
        }
        throw failure("a string is not ended")
    }

    /// Makes sure that nothing but white space is left.
    mutating func end() throws(JSONError) {
        if peek() != nil { throw failure("there is more after the value") }
    }

    func failure(_ reason: String) -> JSONError { JSONError(offset: position, reason: reason) }
}

/// Why a text is no JSON.
struct JSONError: Error, Equatable, CustomStringConvertible {
    /// Bytes from the beginning of the text.
    let offset: Int
    let reason: String

    var description: String { "malformed JSON at byte \(offset): \(reason)" }
}

// MARK: - Kinds of values

extension JSONScanner {
    private mutating func object(depth: Int) throws(JSONError) {
        try enter(depth)
        if consume(UInt8(ascii: "}")) { return }
        repeat {
            try key()
            _ = try value(depth: depth + 1)
        } while consume(UInt8(ascii: ","))
        guard consume(UInt8(ascii: "}")) else { throw failure("expected , or } in an object") }
    }

    /// Consumes a member's name and its colon.
    @discardableResult
    mutating func key() throws(JSONError) -> StringToken {
        guard peek() == UInt8(ascii: "\"") else { throw failure("expected a name in quotes") }
        let name = try string()
        guard consume(UInt8(ascii: ":")) else { throw failure("expected : after a name") }
        return name
    }

    private mutating func array(depth: Int) throws(JSONError) {
        try enter(depth)
        if consume(UInt8(ascii: "]")) { return }
        repeat { _ = try value(depth: depth + 1) } while consume(UInt8(ascii: ","))
        guard consume(UInt8(ascii: "]")) else { throw failure("expected , or ] in an array") }
    }

    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth < Self.maxDepth else {
            throw failure("nested deeper than \(Self.maxDepth)")
        }
        position += 1
    }

    private mutating func literal(_ text: StaticString) throws(JSONError) {
        for byte in text.description.utf8 {
            guard position < bytes.count, bytes[position] == byte else {
                throw failure("expected \(text)")
            }
            position += 1
        }
    }

    private mutating func number() throws(JSONError) {
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count,
                bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
            {
                position += 1
            }
            try digits()
        }
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while position < bytes.count, Name.isDigit(bytes[position]) { position += 1 }
        guard position > start else { throw failure("expected a digit") }
    }
}

// MARK: - Characters

extension JSONScanner {
    private mutating func escape() throws(JSONError) {
        position += 1
        guard position < bytes.count else { throw failure("a string is not ended") }
        let byte = bytes[position]
        guard byte == UInt8(ascii: "u") else {
            guard #""\/bfnrt"#.utf8.contains(byte) else { throw failure("unknown escape") }
            position += 1
            return
        }
        let unit = try codeUnit()
        if (0xDC00..<0xE000).contains(unit) { throw failure("half of a surrogate pair") }
        guard (0xD800..<0xDC00).contains(unit) else { return }
        guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw failure("half of a surrogate pair") }
        position += 1
        guard (0xDC00..<0xE000).contains(try codeUnit()) else {
            throw failure("half of a surrogate pair")
        }
    }

    /// Consumes `uXXXX`.
    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        position += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard position < bytes.count, let digit = hexadecimalDigit(bytes[position]) else {
                throw failure("expected four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    /// Consumes a character of two to four bytes, by the table of well-formed UTF-8 (Unicode 3.9).
    private mutating func multibyteCharacter(_ first: UInt8) throws(JSONError) {
        let (length, second): (Int, ClosedRange<UInt8>) =
            switch first {
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xE1...0xEF: (3, 0x80...0xBF)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: (0, 0...0)
            }
        guard length > 0, position + length <= bytes.count, second.contains(bytes[position + 1])
        else { throw failure("invalid UTF-8") }
        for index in stride(from: position + 2, to: position + length, by: 1)
        where !(0x80...0xBF).contains(bytes[index]) {
            throw failure("invalid UTF-8")
        }
        position += length
    }
}

/// The value of a hexadecimal digit; `nil` for another byte.
func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
