// Writing JSON: bytes are appended, nothing is built in between.
extension [UInt8] {
    /// Appends `text`, which is JSON already or holds nothing that JSON escapes.
    mutating func append(verbatim text: String) {
        let bytes = text.utf8.span
        append(addingCapacity: bytes.count) { output in
            for index in bytes.indices { output.append(bytes[index]) }
        }
    }

    /// Appends `value` in decimal digits.
    mutating func append(decimal value: Int64) {
        // As many as the largest has; filled from the end.
        var digits = InlineArray<19, UInt8>(repeating: 0)
        var first = digits.count
        var rest = value.magnitude
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        append(addingCapacity: 20) { output in
            if value < 0 { output.append(UInt8(ascii: "-")) }
            for place in first..<digits.count { output.append(digits[place]) }
        }
    }
    mutating func append(decimal value: Int) { append(decimal: Int64(value)) }

    /// Appends `text` as a JSON string: quotes, backslashes and control characters are escaped.
    mutating func append(jsonString text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append(verbatim: "\\\"")
            case UInt8(ascii: "\\"): append(verbatim: "\\\\")
            case UInt8(ascii: "\n"): append(verbatim: "\\n")
            case UInt8(ascii: "\r"): append(verbatim: "\\r")
            case UInt8(ascii: "\t"): append(verbatim: "\\t")
            case 0..<0x20:
                append(verbatim: "\\u")
                append(verbatim: Name.hexadecimal(UInt64(byte), digits: 4))
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends `members` as a JSON object of strings.
    mutating func append(jsonObject members: [(key: String, value: String)]) {
        var separator = UInt8(ascii: "{")
        for (key, value) in members {
            append(separator)
            append(jsonString: key)
            append(UInt8(ascii: ":"))
            append(jsonString: value)
            separator = UInt8(ascii: ",")
        }
        if members.isEmpty { append(separator) }
        append(UInt8(ascii: "}"))
    }
}
