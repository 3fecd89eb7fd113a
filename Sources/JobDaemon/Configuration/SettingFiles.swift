import JobControl
import JobQueue

/// What the files of settings say, the later over the earlier.
struct SettingFiles {
    struct Value: Sendable {
        let text: String
        let source: SettingSource
    }

    /// By section and key, `Daemon.Concurrency`; good values alone.
    private(set) var values: [String: Value] = [:]
    private(set) var queues = QueueSections()

    /// Takes what stands in a file over what stood in those before, and notes what is wrong with it.
    mutating func add(_ file: ConfigurationFile, _ problems: inout [ConfigurationProblem]) {
        var unknown: Set<String> = []
        for entry in file.entries {
            if Setting.sections.contains(entry.section) {
                take(entry, file, &problems)
            } else if let queue = QueueSections.queue(ofSection: entry.section) {
                queues.add(entry, queue, file, &problems)
            } else if unknown.insert(entry.section).inserted {
                problems.append(
                    ConfigurationProblem(
                        .file(path: file.path, line: entry.sectionLine),
                        "unknown section [\(entry.section)]; allowed are [Daemon], [Broker], "
                            + "[Retry], [Queue] and [Queue NAME]"
                            + Suggestion.text(for: entry.section, among: Setting.sections)))
            }
        }
    }

    private mutating func take(
        _ entry: ConfigurationText.Entry, _ file: ConfigurationFile,
        _ problems: inout [ConfigurationProblem]
    ) {
        let source = file.source(entry)
        let section = Setting.all.filter { $0.section == entry.section }
        guard let setting = section.first(where: { $0.key == entry.key }) else {
            problems.append(
                ConfigurationProblem(
                    source,
                    unknownKey(entry, allowed: section.map(\.key))))
            return
        }
        // An empty value is the way back to the default, as in systemd's files.
        guard !entry.value.isEmpty else {
            values[setting.name] = nil
            return
        }
        var scratch = DaemonOptions()
        do throws(ValueError) {
            try setting.apply(entry.value, &scratch)
            values[setting.name] = Value(text: entry.value, source: source)
        } catch {
            problems.append(ConfigurationProblem(source, "\(entry.key)=: \(error)"))
        }
    }
}

/// What is said of a key that a section does not have.
func unknownKey(_ entry: ConfigurationText.Entry, allowed: [String]) -> String {
    "unknown key \(entry.key)= in [\(entry.section)]; allowed are "
        + allowed.map { "\($0)=" }.joined(separator: ", ")
        + Suggestion.text(for: entry.key, among: allowed)
}
