/// Strings and numbers between Swift and JSON text.
enum JSONText {
    /// The text of a string that the scanner has accepted.
    static func decoded(_ token: JSONScanner.StringToken, of bytes: [UInt8]) -> String {
        guard token.hasEscapes else {
            return String(decoding: bytes[token.contents], as: UTF8.self)
        }
        return String(decoding: unescaped(bytes[token.contents]), as: UTF8.self)
    }

    /// Appends `text` in quotes, escaped.
    static func append(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case UInt8(ascii: "\n"): output.append(contentsOf: #"\n"#.utf8)
            case UInt8(ascii: "\t"): output.append(contentsOf: #"\t"#.utf8)
            case 0..<0x20, 0x7F:
                output.append(contentsOf: #"\u00"#.utf8)
                output.append(contentsOf: Name.hexadecimal(UInt64(byte), digits: 2).utf8)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Appends `,"name":` where `name` needs no escapes.
    static func appendName(_ name: String, to output: inout [UInt8]) {
        output.append(contentsOf: #",""#.utf8)
        output.append(contentsOf: name.utf8)
        output.append(contentsOf: #"":"#.utf8)
    }

    /// The integer that stands at `range`, within the range of `Int64`; `nil` when there is no
    /// integer (a fraction, an exponent, another kind of value).
    static func integer(_ range: Range<Int>, of bytes: [UInt8]) -> Int64? {
        var digits = bytes[range]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard Name.isDigit(byte) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = product.addingReportingOverflow(Int64(byte & 0x0F))
            value = overflow || overflows ? .max : sum
        }
        return isNegative ? -value : value
    }

    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
                output.append(byte)
                continue
            }
            switch kind {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"): output.append(contentsOf: character(&rest))
            default: output.append(kind)
            }
        }
        return output
    }

    /// The UTF-8 of `XXXX` or of `XXXX\uXXXX`, which `rest` begins with.
    private static func character(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
        var scalar = codeUnit(&rest)
        if (0xD800..<0xDC00).contains(scalar) {
            rest = rest.dropFirst(2)
            let low = codeUnit(&rest)
            scalar = 0x10000 + (scalar - 0xD800) << 10 + (low & 0x3FF)
        }
        return Unicode.Scalar(scalar).map { Array(String(Character($0)).utf8) } ?? []
    }

    private static func codeUnit(_ rest: inout ArraySlice<UInt8>) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            unit = unit << 4 | UInt32(rest.popFirst().flatMap(hexadecimalDigit) ?? 0)
        }
        return unit
    }
}
