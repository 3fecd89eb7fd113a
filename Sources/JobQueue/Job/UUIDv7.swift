extension JobID {
    /// A UUID of version 7 (RFC 9562, section 5.7): ids made later sort later.
    ///
    /// - Parameters:
    ///   - unixMilliseconds: the time of its making; kept within the 48 bits that the layout has.
    ///   - random: 74 bits of these are used.
    package static func uuidV7(unixMilliseconds: Int64, random: (UInt64, UInt64)) -> JobID {
        let time = UInt64(clamping: min(unixMilliseconds, (1 << 48) - 1))
        var high = time << 16 | 0x7000 | random.0 & 0x0FFF
        var low = 0x8000_0000_0000_0000 | random.1 >> 2
        var text = InlineArray<36, UInt8>(repeating: UInt8(ascii: "-"))
        for place in text.indices {
            if place == 8 || place == 13 || place == 18 || place == 23 { continue }
            let digit = UInt8(truncatingIfNeeded: high >> 60)
            text[place] = (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10) &+ digit
            high = high << 4 | low >> 60
            low <<= 4
        }
        guard let digits = try? UTF8Span(validating: text.span) else {
            preconditionFailure("hexadecimal digits are UTF-8")
        }
        return JobID(known: String(copying: digits))
    }
}
