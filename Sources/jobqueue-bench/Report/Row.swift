/// One line of the table: a figure, and what it is measured against.
struct Row: Sendable {
    let name: String
    let unit: Unit
    let value: Double
    /// What the machine allows, measured beside it; `nil`: there is no such thing.
    var limit: Double?
    /// What the figure should be; `nil`: nothing was promised.
    var goal: Goal?

    init(_ name: String, _ unit: Unit, _ value: Double, limit: Double? = nil, goal: Goal? = nil) {
        self.name = name
        self.unit = unit
        self.value = value
        self.limit = limit
        self.goal = goal
    }

    /// The figure as a share of its limit: below 1 where more is better, above 1 where less is.
    var ratio: Double? {
        guard let limit, limit > 0 else { return nil }
        return value / limit
    }

    /// Whether the goal is met; `nil` where there is none.
    var isGood: Bool? { goal.map { $0.isMet(by: self) } }
}

/// What a figure counts, always in the base unit.
enum Unit: String, Sendable {
    case perSecond = "1/s"
    case seconds = "s"
    case bytes = "B"
    case share = "1"
}

/// What a figure should be.
enum Goal: Sendable {
    case ratioAtLeast(Double)
    case ratioAtMost(Double)
    case valueAtLeast(Double)
    case valueAtMost(Double)
    case valueWithin(ClosedRange<Double>)

    func isMet(by row: Row) -> Bool {
        switch self {
        case .ratioAtLeast(let bound): row.ratio.map { $0 >= bound } ?? false
        case .ratioAtMost(let bound): row.ratio.map { $0 <= bound } ?? false
        case .valueAtLeast(let bound): row.value >= bound
        case .valueAtMost(let bound): row.value <= bound
        case .valueWithin(let bounds): bounds.contains(row.value)
        }
    }
}
