import ExecHandler
import JobQueue

/// A handler file that is good.
struct HandlerFile: Sendable {
    let definition: CommandDefinition
    let path: String
    /// What stands in it, as it is to be shown.
    let entries: [ConfigurationText.Entry]
    /// The line of `Type=`.
    let typeSource: SettingSource

    /// Reads what a file says; notes everything that is wrong, and is `nil` when there is anything.
    ///
    /// - Parameters:
    ///   - slots: how many jobs the daemon runs at the same time.
    ///   - retry: what holds where the file says nothing.
    init?(
        _ file: ConfigurationFile, slots: Int, retry: RetryPolicy,
        _ problems: inout [ConfigurationProblem]
    ) {
        var reader = HandlerReader(file: file)
        reader.readKeys()
        reader.checkTogether(slots: slots, retry: retry)
        problems += reader.problems.sorted(by: \.line)
        guard !reader.problems.contains(where: { !$0.isWarning }),
            let pattern = reader.draft.pattern,
            let executable = reader.draft.words.first
        else { return nil }
        var definition = reader.draft.definition
        definition.pattern = pattern
        definition.executable = executable
        definition.arguments = Array(reader.draft.words.dropFirst())
        definition.files = HandlerValues.files(of: definition)
        self.definition = definition
        path = file.path
        entries = file.entries
        typeSource = reader.source(of: "Type")
    }
}

/// The handler files of a configuration.
enum HandlerFiles {
    /// Reads all of them; notes everything that is wrong.
    static func read(
        _ paths: [String], slots: Int, retry: RetryPolicy,
        _ problems: inout [ConfigurationProblem]
    ) -> [HandlerFile] {
        var handlers: [HandlerFile] = []
        for path in paths {
            let file = ConfigurationFile(
                reading: path,
                repeatable: Set(HandlerKey.all.filter(\.isRepeatable).map(\.name)))
            // It only hides another one.
            if file.isEmpty && file.problems.isEmpty { continue }
            guard let handler = HandlerFile(file, slots: slots, retry: retry, &problems) else {
                continue
            }
            let pattern = handler.definition.pattern
            if let other = handlers.first(where: { $0.definition.pattern == pattern }) {
                problems.append(
                    ConfigurationProblem(
                        handler.typeSource,
                        "Type=\(pattern) has a handler in \(other.typeSource) already; one file "
                            + "for each type is allowed"))
            }
            handlers.append(handler)
        }
        return handlers
    }
}
