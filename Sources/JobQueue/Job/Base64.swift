/// Base64 of RFC 4648, section 4: with padding, without line breaks.
package enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    /// Appends the text of `bytes` to `output`.
    package static func encode(_ bytes: [UInt8], into output: inout [UInt8]) {
        var start = 0
        while start < bytes.count {
            let length = min(3, bytes.count - start)
            var group: UInt32 = 0
            for index in 0..<3 {
                group = group << 8 | (index < length ? UInt32(bytes[start + index]) : 0)
            }
            for index in 0..<4 {
                let digit = Int(group >> (18 - 6 * UInt32(index)) & 0x3F)
                output.append(index <= length ? alphabet[digit] : padding)
            }
            start += 3
        }
    }

    /// The bytes that `text` stands for. `nil`: it is not what `encode` writes.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3)
        var digits = 0
        var paddings = 0
        var group: UInt32 = 0
        for byte in text {
            if byte == padding {
                paddings += 1
                group <<= 6
            } else {
                guard paddings == 0, let digit = value(of: byte) else { return nil }
                group = group << 6 | digit
            }
            digits += 1
            guard digits == 4 else { continue }
            guard paddings <= 2, group & (1 << (8 * UInt32(paddings)) - 1) == 0 else { return nil }
            for index in 0..<3 - paddings {
                output.append(UInt8(truncatingIfNeeded: group >> (16 - 8 * UInt32(index))))
            }
            digits = 0
            group = 0
        }
        return output
    }

    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
