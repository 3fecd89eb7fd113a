/// Reads JSON as strictly as RFC 8259 has it, in one pass, making nothing: it tells where values
/// stand and what they are. No bytes can make it trap.
///
/// Stricter than the grammar alone: valid UTF-8 without a byte order mark, no halves of surrogate
/// pairs, nesting of at most `maxDepth`. Numbers are of any size, names may repeat.
///
/// It holds only where the reading stands. The text is lent to each call, the same to all of them: a
/// struct cannot yet keep a `Span`.
package struct JSONScanner {
    package static let maxDepth = 64

    package internal(set) var offset: Int
    private var depth: Int

    /// - Parameters:
    ///   - offset: where the reading begins.
    ///   - depth: how many objects and arrays the text stands in, or will.
    package init(at offset: Int = 0, depth: Int = 0) {
        self.offset = offset
        self.depth = depth
    }

    /// Reads `text` as one value with nothing but white space around it.
    package static func document(
        _ text: Span<UInt8>, depth: Int = 0
    ) throws(JSONError) -> JSONValue {
        var scanner = JSONScanner(depth: depth)
        let value = try scanner.value(in: text)
        try scanner.end(of: text)
        return value
    }

    /// Reads the next value, whole.
    package mutating func value(in text: Span<UInt8>) throws(JSONError) -> JSONValue {
        skipWhitespace(in: text)
        let start = offset
        switch try peek(in: text) {
        case UInt8(ascii: "\""): return try string(in: text)
        case UInt8(ascii: "{"):
            try enterObject(in: text)
            while try nextName(in: text) != nil { _ = try value(in: text) }
            return JSONValue(.object, start..<offset)
        case UInt8(ascii: "["):
            try enterArray(in: text)
            while try nextElement(in: text) { _ = try value(in: text) }
            return JSONValue(.array, start..<offset)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try skipNumber(in: text)
            return JSONValue(.number, start..<offset)
        case UInt8(ascii: "t"):
            try skipWord("true", in: text)
            return JSONValue(.boolean, start..<offset)
        case UInt8(ascii: "f"):
            try skipWord("false", in: text)
            return JSONValue(.boolean, start..<offset)
        case UInt8(ascii: "n"):
            try skipWord("null", in: text)
            return JSONValue(.null, start..<offset)
        default: throw unexpected(in: text)
        }
    }

    /// Goes into the object that begins here; `nextName` and `value` take turns from now on.
    package mutating func enterObject(in text: Span<UInt8>) throws(JSONError) {
        skipWhitespace(in: text)
        guard try peek(in: text) == UInt8(ascii: "{") else { throw unexpected(in: text) }
        try enter(in: text)
    }

    /// Reads the next name of the object that was entered, up to its value. `nil`: the object ended.
    package mutating func nextName(in text: Span<UInt8>) throws(JSONError) -> JSONValue? {
        // No value ends with it, so the brace was just entered.
        let isFirst = text[offset - 1] == UInt8(ascii: "{")
        skipWhitespace(in: text)
        if try peek(in: text) == UInt8(ascii: "}") {
            leave()
            return nil
        }
        if !isFirst {
            try expect(UInt8(ascii: ","), in: text)
            skipWhitespace(in: text)
        }
        let name = try string(in: text)
        skipWhitespace(in: text)
        try expect(UInt8(ascii: ":"), in: text)
        return name
    }

    /// Goes into the array that begins here; `nextElement` and `value` take turns from now on.
    package mutating func enterArray(in text: Span<UInt8>) throws(JSONError) {
        skipWhitespace(in: text)
        guard try peek(in: text) == UInt8(ascii: "[") else { throw unexpected(in: text) }
        try enter(in: text)
    }

    /// Goes to the next element of the array that was entered. `false`: the array ended.
    package mutating func nextElement(in text: Span<UInt8>) throws(JSONError) -> Bool {
        // As with names: no value ends with the bracket that opens.
        let isFirst = text[offset - 1] == UInt8(ascii: "[")
        skipWhitespace(in: text)
        if try peek(in: text) == UInt8(ascii: "]") {
            leave()
            return false
        }
        if !isFirst { try expect(UInt8(ascii: ","), in: text) }
        return true
    }

    /// Makes sure that nothing but white space is left.
    package mutating func end(of text: Span<UInt8>) throws(JSONError) {
        skipWhitespace(in: text)
        guard offset == text.count else { throw failure(.trailingBytes) }
    }

    func failure(_ reason: JSONError.Reason) -> JSONError {
        JSONError(offset: offset, reason: reason)
    }
}

// The parts of containers and the words. Recursion goes through `value`, at most `maxDepth` deep.
extension JSONScanner {
    private mutating func enter(in text: Span<UInt8>) throws(JSONError) {
        guard depth < Self.maxDepth else { throw failure(.tooDeep) }
        depth += 1
        offset += 1
    }

    private mutating func leave() {
        depth -= 1
        offset += 1
    }

    private mutating func skipWord(_ word: String, in text: Span<UInt8>) throws(JSONError) {
        for byte in word.utf8 { try expect(byte, in: text) }
    }

    private mutating func skipNumber(in text: Span<UInt8>) throws(JSONError) {
        skip(UInt8(ascii: "-"), in: text)
        // A leading zero stands alone: a digit behind it is unexpected to whoever reads on.
        if !skip(UInt8(ascii: "0"), in: text) { try skipDigits(in: text) }
        if skip(UInt8(ascii: "."), in: text) { try skipDigits(in: text) }
        if skip(UInt8(ascii: "e"), in: text) || skip(UInt8(ascii: "E"), in: text) {
            if !skip(UInt8(ascii: "+"), in: text) { skip(UInt8(ascii: "-"), in: text) }
            try skipDigits(in: text)
        }
    }

    private mutating func skipDigits(in text: Span<UInt8>) throws(JSONError) {
        guard Name.isDigit(try peek(in: text)) else { throw unexpected(in: text) }
        while offset < text.count, Name.isDigit(text[offset]) { offset += 1 }
    }

    private mutating func skipWhitespace(in text: Span<UInt8>) {
        while offset < text.count, JSONValue.isWhitespace(text[offset]) { offset += 1 }
    }

    /// Steps over `byte` if it is the next one.
    @discardableResult
    private mutating func skip(_ byte: UInt8, in text: Span<UInt8>) -> Bool {
        guard offset < text.count, text[offset] == byte else { return false }
        offset += 1
        return true
    }

    private func unexpected(in text: Span<UInt8>) -> JSONError {
        let isMark =
            offset == 0 && text.count >= 3 && text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF
        return failure(isMark ? .byteOrderMark : .unexpectedByte)
    }
}

// What the strings share.
extension JSONScanner {
    func peek(in text: Span<UInt8>) throws(JSONError) -> UInt8 {
        guard offset < text.count else { throw failure(.endsTooEarly) }
        return text[offset]
    }

    mutating func expect(_ byte: UInt8, in text: Span<UInt8>) throws(JSONError) {
        guard try peek(in: text) == byte else { throw unexpected(in: text) }
        offset += 1
    }
}
