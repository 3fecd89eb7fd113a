/// Splits a line into words as systemd does: blanks separate, `'…'` and `"…"` around a word or a part
/// of it keep blanks together, a backslash escapes. No shell: nothing is expanded.
enum WordSplitting {
    static func words(of text: String) throws(ValueError) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var hasWord = false
        var quote: UInt8?
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\\"):
                word += try escaped(&rest)
                hasWord = true
            case _ where byte == quote:
                quote = nil
            case UInt8(ascii: "'") where quote == nil, UInt8(ascii: "\"") where quote == nil:
                quote = byte
                hasWord = true
            case UInt8(ascii: " ") where quote == nil, UInt8(ascii: "\t") where quote == nil:
                if hasWord { words.append(try string(word)) }
                word = []
                hasWord = false
            default:
                word.append(byte)
                hasWord = true
            }
        }
        if let quote {
            throw ValueError("the quote \(Character(UnicodeScalar(quote))) is not closed")
        }
        if hasWord { words.append(try string(word)) }
        return words
    }

    /// What a backslash and what follows it stand for.
    private static func escaped(_ rest: inout ArraySlice<UInt8>) throws(ValueError) -> [UInt8] {
        guard let letter = rest.popFirst() else {
            throw ValueError("nothing follows the last backslash; write \\\\ for a backslash")
        }
        switch letter {
        case UInt8(ascii: "a"): return [7]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "v"): return [11]
        case UInt8(ascii: "s"): return [32]
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): return [letter]
        case UInt8(ascii: "x"):
            let digits = rest.prefix(2)
            rest = rest.dropFirst(2)
            let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            guard digits.count == 2, let value, value != 0 else {
                throw ValueError("\\x must be followed by two hexadecimal digits, not 00")
            }
            return [value]
        default:
            throw ValueError(
                "\\\(Character(UnicodeScalar(letter))) is no escape; allowed are \\\\ \\\" \\' \\s \\t "
                    + "\\n \\r \\a \\b \\f \\v \\xHH")
        }
    }

    private static func string(_ bytes: [UInt8]) throws(ValueError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ValueError("a word is no UTF-8")
        }
        return text
    }
}

extension String {
    /// As one word that `WordSplitting` reads back.
    var quotedWord: String {
        let plain =
            !isEmpty
            && utf8.allSatisfy {
                $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\"")
                    && $0 != UInt8(ascii: "'")
            }
        if plain { return self }
        var text = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\\", "\"": text += "\\\(scalar)"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case _ where scalar.value < 32 || scalar.value == 127:
                text += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
