import ExecHandler
import JobControl
import JobQueue

/// Turns the lines of a handler file into a draft.
struct HandlerReader {
    let file: ConfigurationFile
    var draft: HandlerDraft
    var problems: [ConfigurationProblem]

    init(file: ConfigurationFile) {
        self.file = file
        problems = file.problems
        draft = HandlerDraft(
            definition: CommandDefinition(
                name: Self.name(of: file.path), pattern: Self.placeholder, executable: ""))
    }

    /// Stands where no type has been read yet.
    private static let placeholder: JobTypePattern = {
        guard let all = JobTypePattern("*") else { preconditionFailure("* is a pattern") }
        return all
    }()

    private static func name(of path: String) -> String {
        let name = path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
        return String(name.hasSuffix(".conf") ? name.dropLast(5) : name)
    }

    mutating func readKeys() {
        var unknown: Set<String> = []
        for entry in file.entries {
            guard entry.section == "Handler" else {
                if unknown.insert(entry.section).inserted {
                    note(
                        .file(path: file.path, line: entry.sectionLine),
                        "unknown section [\(entry.section)]; allowed is [Handler]"
                            + Suggestion.text(for: entry.section, among: ["Handler"]))
                }
                continue
            }
            guard let key = HandlerKey.all.first(where: { $0.name == entry.key }) else {
                let former = HandlerKey.retired[entry.key]
                note(
                    file.source(entry),
                    former.map { "\(entry.key)= is called \($0)" }
                        ?? unknownKey(entry, allowed: HandlerKey.all.map(\.name)))
                continue
            }
            // An empty value is as good as none, and takes back what was gathered before.
            if entry.value.isEmpty {
                if key.isRepeatable { draft.definition.environment = [:] }
                continue
            }
            do throws(ValueError) {
                try key.apply(entry.value, &draft)
            } catch {
                note(file.source(entry), "\(entry.key)=: \(error)")
            }
        }
    }

    mutating func checkTogether(slots: Int, retry: RetryPolicy) {
        // Where the file cannot be read, or a key has a bad value, that is said already.
        for key in ["Type", "Exec"] where file.problems.isEmpty && !isGiven(key) {
            note(
                .file(path: file.path, line: nil),
                "\(key)= is missing in [Handler]; Type= and Exec= must be there")
        }
        if let path = draft.words.first {
            do throws(ValueError) {
                try HandlerValues.checkExecutable(path)
            } catch {
                note(source(of: "Exec"), "Exec=: \(error)")
            }
        }
        checkMode()
        checkRetry(retry)
        let both = draft.definition.successStatuses.intersection(draft.definition.deadStatuses)
        if let status = both.min() {
            if isGiven("DeadExitStatus") {
                note(
                    source(of: "SuccessExitStatus"),
                    "SuccessExitStatus=: \(status) stands in DeadExitStatus= too; it can be one of "
                        + "them only")
            } else {
                // What is success here cannot be an end by default.
                draft.definition.deadStatuses.subtract(both)
            }
        }
        if let limit = draft.definition.concurrency, limit > slots {
            note(
                source(of: "Concurrency"),
                "Concurrency=\(limit) has no effect: there are \(slots) slots", isWarning: true)
        }
    }

    private mutating func checkMode() {
        if draft.isPersistent {
            draft.definition.mode = .persistent(jobs: draft.maxJobs)
        } else if draft.maxJobs != nil {
            note(source(of: "MaxJobs"), "MaxJobs= is allowed with Mode=persistent only")
        }
    }

    private mutating func checkRetry(_ retry: RetryPolicy) {
        guard draft.retryBase != nil || draft.retryMax != nil else { return }
        var own = retry
        own.base = draft.retryBase ?? retry.base
        own.max = draft.retryMax ?? retry.max
        draft.definition.options.retry = own
        if own.base > own.max {
            note(
                source(of: draft.retryBase == nil ? "RetryMax" : "RetryBase"),
                "RetryBase=\(own.base.spanText) is longer than RetryMax=\(own.max.spanText); it "
                    + "must not be")
        }
    }

    private func isGiven(_ key: String) -> Bool {
        file.entries.contains { $0.section == "Handler" && $0.key == key && !$0.value.isEmpty }
    }

    func source(of key: String) -> SettingSource {
        let entry = file.entries.first { $0.section == "Handler" && $0.key == key }
        return entry.map(file.source) ?? .file(path: file.path, line: nil)
    }

    private mutating func note(
        _ source: SettingSource, _ message: String, isWarning: Bool = false
    ) {
        problems.append(ConfigurationProblem(source, message, isWarning: isWarning))
    }
}
