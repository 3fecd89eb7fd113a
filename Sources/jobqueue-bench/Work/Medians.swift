/// A figure and what it is held against.
struct Pair: Sendable {
    let value: Double
    let limit: Double
}

extension Bench {
    /// Measures the limit and ours in turns, so that a busy neighbour harms both alike.
    ///
    /// - Returns: the medians.
    func besideLimit(
        _ limit: () async throws -> Double, ours: () async throws -> Double
    ) async throws -> Pair {
        try await besideLimits({ [try await limit()] }, ours: { [try await ours()] })[0]
    }

    /// The same for measurements that give several figures.
    func besideLimits(
        _ limits: () async throws -> [Double], ours: () async throws -> [Double]
    ) async throws -> [Pair] {
        var found: (limits: [[Double]], ours: [[Double]]) = ([], [])
        for _ in 0..<scale.repetitions {
            found.limits.append(try await limits())
            found.ours.append(try await ours())
        }
        return zip(Self.medians(found.ours), Self.medians(found.limits)).map(Pair.init)
    }

    /// Measures beside two limits: with a command for each job, and with as few commands as can be.
    func besideBoth(
        _ limit: (_ singly: Bool) async throws -> Double, ours: () async throws -> Double,
        report: (_ single: Pair, _ fewest: Pair) -> Void
    ) async throws {
        let pairs = try await besideLimits {
            [try await limit(true), try await limit(false)]
        } ours: {
            Array(repeating: try await ours(), count: 2)
        }
        report(pairs[0], pairs[1])
    }

    /// The medians of what `ours` gives, one for each of its figures.
    func repeated(_ ours: () async throws -> [Double]) async throws -> [Double] {
        var found: [[Double]] = []
        for _ in 0..<scale.repetitions { found.append(try await ours()) }
        return Self.medians(found)
    }

    private static func medians(_ runs: [[Double]]) -> [Double] {
        (runs.first ?? []).indices.map { index in runs.map { $0[index] }.quantile(0.5) }
    }
}

extension Row {
    /// The name of a row that is the one before it, beside another limit.
    static let besideFewest = "  beside as few commands as can be"

    init(_ name: String, _ unit: Unit, _ pair: Pair, goal: Goal? = nil) {
        self.init(name, unit, pair.value, limit: pair.limit, goal: goal)
    }
}

extension [Double] {
    /// The value below which `share` of all lie.
    func quantile(_ share: Double) -> Double {
        precondition(!isEmpty, "nothing was measured")
        return sorted()[Swift.min(count - 1, Int(Double(count) * share))]
    }
}
