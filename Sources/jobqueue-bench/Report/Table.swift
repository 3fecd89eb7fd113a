import Foundation

/// The report for people: fixed columns, so that each measurement can be shown as soon as it is there.
enum Table {
    static let header =
        cells("", "measured", "limit", "ratio", "goal") + "\n"
        + String(repeating: "-", count: nameWidth + numberWidth * 2 + ratioWidth + goalWidth)

    static func text(of row: Row) -> String {
        cells(
            "  " + row.name,
            row.value.text(in: row.unit),
            row.limit?.text(in: row.unit) ?? "",
            row.ratio?.fixed(2) ?? "",
            row.goal.map { "\($0.text(in: row.unit)) \(row.isGood == true ? "met" : "missed")" }
                ?? "")
    }

    private static let nameWidth = 48
    private static let numberWidth = 12
    private static let ratioWidth = 8
    private static let goalWidth = 20

    private static func cells(
        _ name: String, _ value: String, _ limit: String, _ ratio: String, _ goal: String
    ) -> String {
        // Names that are too long push the rest to the right rather than lose their end.
        let line =
            name + padding(name, nameWidth) + padding(value, numberWidth) + value
            + padding(limit, numberWidth) + limit + padding(ratio, ratioWidth) + ratio
            + (goal.isEmpty ? "" : "  " + goal)
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    private static func padding(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count))
    }
}

extension Goal {
    /// What the figure is held against, such as `ratio ≥ 0.5`.
    fileprivate func text(in unit: Unit) -> String {
        switch self {
        case .ratioAtLeast(let bound): "ratio ≥ \(bound.fixed(1))"
        case .ratioAtMost(let bound): "ratio ≤ \(bound.fixed(1))"
        case .valueAtLeast(let bound): "≥ \(bound.text(in: unit))"
        case .valueAtMost(let bound): "≤ \(bound.text(in: unit))"
        case .valueWithin(let bounds):
            "\(bounds.lowerBound.text(in: unit)) to \(bounds.upperBound.text(in: unit))"
        }
    }
}

extension Double {
    /// The number in the size of unit that suits it.
    fileprivate func text(in unit: Unit) -> String {
        switch unit {
        case .perSecond: self >= 1000 ? "\((self / 1000).fixed(1)) k/s" : "\(fixed(0))/s"
        case .seconds where self < 0.001: "\((self * 1e6).fixed(0)) µs"
        case .seconds where self < 1: "\((self * 1e3).fixed(2)) ms"
        case .seconds: "\(fixed(2)) s"
        case .bytes where self >= 1_048_576: "\((self / 1_048_576).fixed(1)) MiB"
        case .bytes: "\(fixed(0)) B"
        case .share: "\((self * 100).fixed(1)) %"
        }
    }

    /// With so many digits behind the point.
    fileprivate func fixed(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
}
