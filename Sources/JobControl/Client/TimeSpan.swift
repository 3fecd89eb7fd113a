/// Spans of time as people write and read them.
package enum TimeSpan {
    private static let units: [String: Int64] = [
        "ms": 1, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000,
        "w": 604_800_000,
    ]

    /// The milliseconds of a span such as `10s`, `5m`, `1h30m`, `2d`, `500ms`; a number alone is
    /// seconds. `nil`: it is no span, or too long.
    package static func milliseconds(_ text: String) -> Int64? {
        var rest = text[...]
        if let seconds = number(&rest), rest.isEmpty { return product(seconds, 1000) }
        rest = text[...]
        var total: Int64 = 0
        while !rest.isEmpty {
            guard let count = number(&rest) else { return nil }
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count).drop { $0 == " " }
            guard let factor = units[String(unit)], let part = product(count, factor) else {
                return nil
            }
            let (sum, overflow) = total.addingReportingOverflow(part)
            if overflow { return nil }
            total = sum
        }
        return text.isEmpty ? nil : total
    }

    /// A span's two largest units: `3m 12s`, `2d 4h`, `0s`. Less than a second is 0; a negative span
    /// is one too, as two clocks are never quite the same.
    package static func text(milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1000)
        let parts: [(count: Int64, unit: String)] = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
        ]
        let shown = parts.drop { $0.count == 0 && $0.unit != "s" }.prefix(2)
        return shown.map { "\($0.count)\($0.unit)" }.joined(separator: " ")
    }

    private static func number(_ rest: inout Substring) -> Int64? {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        rest = rest.dropFirst(digits.count)
        return Int64(digits)
    }

    private static func product(_ one: Int64, _ other: Int64) -> Int64? {
        let (product, overflow) = one.multipliedReportingOverflow(by: other)
        return overflow ? nil : product
    }
}

extension TimeSpan {
    /// How long ago `moment` was; both Unix milliseconds.
    static func age(since moment: Int64, now: Int64) -> String {
        let (age, overflow) = now.subtractingReportingOverflow(moment)
        return text(milliseconds: overflow ? .max : age)
    }

    /// `3m 12s ago`, or `in 5m 0s`; both Unix milliseconds.
    static func distance(to moment: Int64, now: Int64) -> String {
        moment > now ? "in \(age(since: now, now: moment))" : "\(age(since: moment, now: now)) ago"
    }
}
