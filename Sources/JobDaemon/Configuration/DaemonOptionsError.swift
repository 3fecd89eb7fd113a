/// Everything that is wrong, each as one line.
package struct DaemonOptionsError: Error, CustomStringConvertible {
    /// Whether the command line itself cannot be understood (exit 64); else a value is wrong (78).
    package let isUsage: Bool
    package let lines: [String]
    /// The same, as they are written to standard error.
    let reports: [String]

    init(usage lines: [String]) {
        isUsage = true
        self.lines = lines
        reports = lines.map { "jobqueued: \($0)" }
    }

    init(problems: [ConfigurationProblem]) {
        isUsage = false
        lines = problems.map(\.description)
        reports = problems.map(\.report)
    }

    package var description: String { lines.joined(separator: "\n") }
}
