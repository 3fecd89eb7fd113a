extension JobID {
    /// A new id: a UUID of version 7 (RFC 9562, 5.7), which sorts by time.
    ///
    /// - Parameter random: 128 random bits, of which 74 are used.
    package static func uuidV7(unixMilliseconds: Int64, random: (UInt64, UInt64)) -> JobID {
        let time = UInt64(clamping: unixMilliseconds) & 0xFFFF_FFFF_FFFF
        let high = time << 16 | 0x7000 | random.0 & 0x0FFF
        let low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for position in 0..<32 {
            if [8, 12, 16, 20].contains(position) { text.append(UInt8(ascii: "-")) }
            let word = position < 16 ? high : low
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - position % 16 * 4)) & 0x0F
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
        return JobID(known: String(decoding: text, as: UTF8.self))
    }
}
