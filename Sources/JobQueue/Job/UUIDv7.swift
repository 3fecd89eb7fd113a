extension JobID {
    /// A UUID of version 7 (RFC 9562, section 5.7): ids made later sort later.
    ///
    /// - Parameters:
    ///   - unixMilliseconds: the time of its making; kept within the 48 bits that the layout has.
    ///   - random: 74 bits of these are used.
    package static func uuidV7(unixMilliseconds: Int64, random: (UInt64, UInt64)) -> JobID {
        let time = UInt64(clamping: min(unixMilliseconds, (1 << 48) - 1))
        let high = time << 16 | 0x7000 | random.0 & 0x0FFF
        let low = 0x8000_0000_0000_0000 | random.1 >> 2
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 {
                text.append(UInt8(ascii: "-"))
            }
            let digit =
                UInt8(truncatingIfNeeded: (index < 16 ? high : low) >> (60 - index % 16 * 4)) & 0xF
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
        return JobID(uuid: String(decoding: text, as: UTF8.self))
    }

    private init(uuid description: String) { self.description = description }
}
