/// Writes Prometheus' text format, version 0.0.4.
struct PrometheusText {
    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var text = ""
    private var family = ""

    /// Begins a metric. What follows are its samples.
    mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        family = name
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n"
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ value: UInt64, _ labels: KeyValuePairs<String, String> = [:]) {
        line(family, labels.map { ($0, $1) }, "\(value)")
    }

    mutating func sample(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
        line(family, labels.map { ($0, $1) }, Self.number(value))
    }

    /// The samples of one histogram: how many were at most so long, their sum in seconds, and how
    /// many there were.
    mutating func samples(_ label: String, _ value: String, _ histogram: Histogram) {
        var total: UInt64 = 0
        let ends = histogram.bounds.map { Self.number($0.seconds) } + ["+Inf"]
        for (end, count) in zip(ends, histogram.counts) {
            total &+= count
            line("\(family)_bucket", [(label, value), ("le", end)], "\(total)")
        }
        line("\(family)_sum", [(label, value)], Self.number(histogram.sumInSeconds))
        line("\(family)_count", [(label, value)], "\(total)")
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    /// As Prometheus writes numbers itself: `1` and not `1.0`, so that `le` is the same everywhere.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        // By scalars: a newline may hide in the character CR LF.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension Duration {
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
