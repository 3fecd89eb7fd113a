/// What the dead-letter queue keeps of bytes that are no envelope: the reason, and every byte as it
/// came, so that a requeue can put the very same back.
package struct UndecodableRecord: Sendable, Equatable {
    package let id: JobID
    package let raw: [UInt8]
    package let lastError: String
    /// Unix milliseconds.
    package let failedAt: Int64

    package init(id: JobID, raw: [UInt8], lastError: String, failedAt: Int64) {
        self.id = id
        self.raw = raw
        self.lastError = ErrorText.clipped(lastError)
        self.failedAt = failedAt
    }

    /// The record as JSON; the bytes stand in the field `raw` in Base64.
    package func encoded() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(raw.count / 3 * 4 + 256)
        output += #"{"id":""#.utf8
        output += id.description.utf8
        output += #"","raw":""#.utf8
        Base64.append(raw, to: &output)
        output += #"","last_error":"#.utf8
        JSONText.append(lastError, to: &output)
        output += #","failed_at":"#.utf8
        output += String(failedAt).utf8
        output.append(UInt8(ascii: "}"))
        return output
    }

    /// Reads a record that `encoded()` has written; `nil` for anything else.
    package init?(decoding bytes: [UInt8]) {
        guard let fields = try? Self.fields(of: bytes), let id = fields["id"].flatMap({ JobID($0) }),
            let raw = fields["raw"].flatMap({ Base64.decoded($0.utf8) }),
            let failedAt = fields["failed_at"].flatMap({ Int64($0) })
        else { return nil }
        self.init(id: id, raw: raw, lastError: fields["last_error"] ?? "", failedAt: failedAt)
    }

    /// Strings unescaped, all other values as they stand.
    private static func fields(of bytes: [UInt8]) throws(JSONError) -> [String: String] {
        var fields: [String: String] = [:]
        var scanner = JSONScanner(bytes)
        guard scanner.consume(UInt8(ascii: "{")) else { throw scanner.failure("no object") }
        repeat {
            let name = JSONText.decoded(try scanner.key(), of: bytes)
            if scanner.peek() == UInt8(ascii: "\"") {
                fields[name] = JSONText.decoded(try scanner.string(), of: bytes)
            } else {
                fields[name] = String(decoding: bytes[try scanner.value()], as: UTF8.self)
            }
        } while scanner.consume(UInt8(ascii: ","))
        return fields
    }
}

/// Base64 with padding (RFC 4648, 4).
package enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    package static func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var word: UInt32 = 0
            for byte in group { word = word << 8 | UInt32(byte) }
            word <<= UInt32(8 * (3 - group.count))
            for position in 0..<4 {
                let digit = Int(word >> UInt32(18 - 6 * position)) & 0x3F
                output.append(position <= group.count ? alphabet[digit] : UInt8(ascii: "="))
            }
        }
    }

    /// The bytes; `nil` when `text` is no Base64.
    package static func decoded(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3)
        var word: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text {
            if byte == UInt8(ascii: "=") {
                padding += 1
                word <<= 6
            } else {
                guard padding == 0, let digit = digit(byte) else { return nil }
                word = word << 6 | digit
            }
            digits += 1
            if digits % 4 == 0 {
                output.append(UInt8(truncatingIfNeeded: word >> 16))
                if padding < 2 { output.append(UInt8(truncatingIfNeeded: word >> 8)) }
                if padding < 1 { output.append(UInt8(truncatingIfNeeded: word)) }
                word = 0
            }
        }
        return padding <= 2 ? output : nil
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
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
