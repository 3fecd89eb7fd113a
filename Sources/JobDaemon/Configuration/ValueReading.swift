import JobQueue

/// Reads values as they are written in configuration files.
enum ValueReading {
    static func number(_ text: String, _ range: ClosedRange<Int>) throws(ValueError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw ValueError(
                "'\(text)' must be a number of \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// `30s`, `5min`, `1h 30min`; a number alone is seconds.
    static func span(_ text: String, _ range: ClosedRange<Duration>) throws(ValueError) -> Duration
    {
        guard let span = Duration(span: text) else {
            throw ValueError("'\(text)' must be a span such as 500ms, 30s, 5min or 1h")
        }
        guard range.contains(span) else {
            throw ValueError(
                "'\(text)' must be between \(range.lowerBound.brief) and "
                    + "\(range.upperBound.brief)")
        }
        return span
    }

    /// The word for "no limit", as in systemd's files.
    static let infinity = "infinity"

    /// `nil`: any number.
    static func deadMax(_ text: String) throws(ValueError) -> Int? {
        text == infinity ? nil : try number(text, 1...1_000_000_000)
    }

    /// `nil`: for ever.
    static func deadMaxAge(_ text: String) throws(ValueError) -> Duration? {
        text == infinity ? nil : try span(text, .seconds(1)...(.seconds(3650 * 86_400)))
    }

    static func flag(_ text: String) throws(ValueError) -> Bool {
        switch text.lowercased() {
        case "yes", "true", "on", "1": return true
        case "no", "false", "off", "0": return false
        default: throw ValueError("'\(text)' must be yes or no")
        }
    }

    /// Bytes: `64K`, `512M`, `2G`, `1T`, each 1024 of the one before; a number alone is bytes.
    static func size(_ text: String, _ range: ClosedRange<UInt64>) throws(ValueError) -> UInt64 {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let shifts: [Substring: UInt64] = ["": 0, "B": 0, "K": 10, "M": 20, "G": 30, "T": 40]
        guard let number = UInt64(digits), let shift = shifts[text[digits.endIndex...]] else {
            throw ValueError("'\(text)' must be a size in bytes, such as 64K, 512M or 2G")
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        guard !overflow, range.contains(bytes) else {
            throw ValueError(
                "'\(text)' must be between \(range.lowerBound.sizeText) and "
                    + range.upperBound.sizeText)
        }
        return bytes
    }

    static func choice<Value>(
        _ text: String, _ values: KeyValuePairs<String, Value>
    ) throws(ValueError) -> Value {
        guard let value = values.first(where: { $0.key == text })?.value else {
            let names = values.map(\.key)
            throw ValueError(
                "'\(text)' must be " + names.dropLast().joined(separator: ", ")
                    + " or \(names.last ?? "")")
        }
        return value
    }

    static func absolutePath(_ text: String) throws(ValueError) -> String {
        guard text.hasPrefix("/") else {
            throw ValueError("'\(text)' must be an absolute path")
        }
        return text
    }
}

extension UInt64 {
    /// As `ValueReading.size` reads it.
    var sizeText: String {
        for (suffix, shift) in [("T", 40), ("G", 30), ("M", 20), ("K", 10)]
        where self != 0 && self % (1 << shift) == 0 {
            return "\(self >> shift)\(suffix)"
        }
        return "\(self)"
    }
}

extension Duration {
    /// Exact to the microsecond, as `Duration(span:)` reads it: `1h 30min`, `15s`, `500ms`.
    var spanText: String {
        let (seconds, attoseconds) = components
        var parts: [String] = []
        var rest = seconds
        for (unit, size) in [("d", 86_400 as Int64), ("h", 3600), ("min", 60), ("s", 1)] {
            if rest >= size { parts.append("\(rest / size)\(unit)") }
            rest %= size
        }
        let microseconds = attoseconds / 1_000_000_000_000
        if microseconds >= 1000 { parts.append("\(microseconds / 1000)ms") }
        if microseconds % 1000 > 0 { parts.append("\(microseconds % 1000)us") }
        return parts.isEmpty ? "0s" : parts.joined(separator: " ")
    }
}
