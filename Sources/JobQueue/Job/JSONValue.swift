/// Where one value stands in a JSON text that was found to be valid, and what it is.
package struct JSONValue: Sendable, Equatable {
    package enum Kind: Sendable {
        case null, boolean, number, string, array, object
    }

    package let kind: Kind
    /// The value's bytes, a string's quotes among them.
    package let range: Range<Int>
    /// A string that is not its own bytes.
    package let hasEscapes: Bool

    package init(_ kind: Kind, _ range: Range<Int>, hasEscapes: Bool = false) {
        self.kind = kind
        self.range = range
        self.hasEscapes = hasEscapes
    }

    /// The string that stands here in `text`. `nil`: it is none.
    package func string(in text: [UInt8]) -> String? {
        guard kind == .string else { return nil }
        let contents = text[range.lowerBound + 1..<range.upperBound - 1]
        return hasEscapes
            ? Self.unescaped(contents) : String(decoding: contents, as: UTF8.self)
    }

    /// The integer that stands here in `text`; beyond 64 bits the nearest that fits. `nil`: it is none,
    /// or written with a fraction or an exponent.
    package func integer(in text: [UInt8]) -> Int64? {
        guard kind == .number else { return nil }
        var digits = text[range]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        var value: Int64 = 0
        var overflows = false
        for byte in digits {
            guard Name.isDigit(byte) else { return nil }
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) =
                isNegative
                ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
            overflows = overflows || overflow || carry
            value = sum
        }
        guard overflows else { return value }
        return isNegative ? .min : .max
    }
}

// What JSON's bytes mean.
extension JSONValue {
    static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
            || byte == UInt8(ascii: "\t")
    }

    static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    /// The text of a string's contents, without its quotes, that were found to be valid.
    private static func unescaped(_ contents: ArraySlice<UInt8>) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(contents.count)
        var bytes = contents.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "\\"), let escape = bytes.next() else {
                output.append(byte)
                continue
            }
            switch escape {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(UInt8(ascii: "\n"))
            case UInt8(ascii: "r"): output.append(UInt8(ascii: "\r"))
            case UInt8(ascii: "t"): output.append(UInt8(ascii: "\t"))
            case UInt8(ascii: "u"):
                var unit = codeUnit(&bytes)
                if case 0xD800..<0xDC00 = unit {
                    _ = (bytes.next(), bytes.next())  // The `\u` of the second half.
                    unit = 0x10000 + (unit - 0xD800) << 10 + codeUnit(&bytes) & 0x3FF
                }
                output.append(contentsOf: String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8)
            default: output.append(escape)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func codeUnit(_ bytes: inout ArraySlice<UInt8>.Iterator) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            unit = unit << 4 | (bytes.next().flatMap(hexadecimalDigit) ?? 0)
        }
        return unit
    }
}
