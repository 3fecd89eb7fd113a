/// Something that is wrong with the configuration, as one line.
package struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
    package let source: SettingSource
    /// What it is, and what is allowed. Never a password.
    package let message: String
    /// Whether the daemon can run all the same.
    package let isWarning: Bool

    package init(_ source: SettingSource, _ message: String, isWarning: Bool = false) {
        self.source = source
        self.message = message
        self.isWarning = isWarning
    }

    /// Its line in its file; 0 where it has none.
    var line: Int {
        if case .file(_, let line?) = source { line } else { 0 }
    }

    /// The line for standard error: one about a file begins with its name, as editors know it.
    var report: String {
        if case .file = source { description } else { "jobqueued: \(description)" }
    }

    package var description: String { "\(source): \(isWarning ? "warning: " : "")\(message)" }
}

extension [ConfigurationProblem] {
    /// In the order of `key`; what is equal stays as it is.
    func sorted(by key: (ConfigurationProblem) -> Int) -> [ConfigurationProblem] {
        enumerated().sorted { (key($0.element), $0.offset) < (key($1.element), $1.offset) }
            .map(\.element)
    }
}

/// Why a value cannot be taken, and what would do.
struct ValueError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// What some part of the program says to the value.
    static func from<Value>(_ read: () throws -> Value) throws(ValueError) -> Value {
        do { return try read() } catch { throw ValueError(String(describing: error)) }
    }
}
