import TestSupport

/// What came of a run, for people.
struct Report {
    let plan: Plan
    let verdict: Verdict
    let problems: [String]
    /// Jobs whose enqueue was answered.
    let answered: Int
    /// What each daemon wrote.
    let logs: [[String]]

    var isGood: Bool { problems.isEmpty }

    var text: String {
        let kinds = Dictionary(grouping: plan.faults, by: \.fault.kind).mapValues(\.count)
        let faults = kinds.sorted { $0.key < $1.key }.map { "  \($0.value) × \($0.key)" }
        var lines = [
            "seed \(plan.seed) on \(plan.ground): \(verdict.ended) jobs ended, \(answered) enqueues answered, "
                + "\(plan.faults.count) faults, \(verdict.duplicates) duplicates, "
                + "\(verdict.lost.count) lost"
        ]
        lines += faults
        guard !isGood else { return (lines + ["all promises were kept"]).joined(separator: "\n") }
        lines += problems.map { "BROKEN \($0)" }
        for (number, log) in logs.enumerated() {
            lines.append("daemon \(number) said last:")
            lines += log.suffix(25).map { "    \($0)" }
        }
        lines.append("again with: make torture SEED=\(plan.seed) BROKER=\(plan.ground)")
        return lines.joined(separator: "\n")
    }
}
