extension Duration {
    /// Reads a span as systemd writes them: `30s`, `5min`, `1h 30min`, `500ms`; a number alone is
    /// seconds. Units: us, ms, s, sec, m, min, h, hr, d, w, and their long names.
    ///
    /// - Returns: `nil` when `text` is no span, is negative or is longer than some 290 years.
    package init?(span text: String) {
        var rest = Substring(text)
        var total = 0.0
        var isEmpty = true
        while true {
            rest = rest.drop { $0 == " " }
            if rest.isEmpty { break }
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count).drop { $0 == " " }
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let factor = Self.seconds(in: unit) else {
                return nil
            }
            total += value * factor
            isEmpty = false
        }
        guard !isEmpty, total.isFinite, total >= 0, total < 9e9 else { return nil }
        // Whole microseconds, because what a Double has beyond them is its own error: 1073ms would be
        // a little less than that.
        self = .microseconds(Int64((total * 1e6).rounded()))
    }

    private static func seconds(in unit: Substring) -> Double? {
        switch unit {
        case "us", "usec": 1e-6
        case "ms", "msec": 1e-3
        case "", "s", "sec", "second", "seconds": 1
        case "m", "min", "minute", "minutes": 60
        case "h", "hr", "hour", "hours": 3600
        case "d", "day", "days": 86_400
        case "w", "week", "weeks": 604_800
        default: nil
        }
    }
}
