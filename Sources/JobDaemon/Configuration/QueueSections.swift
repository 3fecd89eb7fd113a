import JobQueue

/// The sections `[Queue NAME]`: a queue's weight, how many of its jobs may run at the same time, and how
/// many of its dead letters are kept.
struct QueueSections: Sendable {
    struct Given<Value: Sendable>: Sendable {
        let value: Value
        let source: SettingSource
    }

    struct Section: Sendable {
        let queue: QueueName
        var weight: Given<Int>?
        var concurrency: Given<Int>?
        var deadMax: Given<Int?>?
        var deadMaxAge: Given<Duration?>?
    }

    private static let keys = ["Weight", "Concurrency", "DeadMax", "DeadMaxAge"]

    /// In the order in which they are named first.
    private(set) var sections: [Section] = []

    /// The name in `Queue NAME`, whether it can be one or not; `nil`: another section.
    static func queue(ofSection section: String) -> Substring? {
        section.hasPrefix("Queue ") ? section.dropFirst(6).trimmed : nil
    }

    mutating func add(
        _ entry: ConfigurationText.Entry, _ name: Substring, _ file: ConfigurationFile,
        _ problems: inout [ConfigurationProblem]
    ) {
        let source = file.source(entry)
        guard let queue = QueueName(name) else {
            let problem = ConfigurationProblem(
                .file(path: file.path, line: entry.sectionLine),
                "'\(name)' is no name of a queue: use a-z, 0-9, _ . -, beginning with a letter or "
                    + "digit, 64 at most")
            if !problems.contains(problem) { problems.append(problem) }
            return
        }
        if !sections.contains(where: { $0.queue == queue }) {
            sections.append(Section(queue: queue))
        }
        guard let index = sections.firstIndex(where: { $0.queue == queue }) else { return }
        do throws(ValueError) {
            switch entry.key {
            case "Weight":
                sections[index].weight = try given(entry.value, source) {
                    text throws(ValueError) in try ValueReading.number(text, 1...1000)
                }
            case "Concurrency":
                sections[index].concurrency = try given(entry.value, source) {
                    text throws(ValueError) in try ValueReading.number(text, 1...10_000)
                }
            case "DeadMax":
                sections[index].deadMax = try given(
                    entry.value, source, ValueReading.deadMax)
            case "DeadMaxAge":
                sections[index].deadMaxAge = try given(
                    entry.value, source, ValueReading.deadMaxAge)
            default:
                throw ValueError(unknownKey(entry, allowed: Self.keys))
            }
        } catch {
            let message = "\(error)"
            problems.append(
                ConfigurationProblem(
                    source, message.hasPrefix("'") ? "\(entry.key)=: \(message)" : message))
        }
    }

    /// `nil` for an empty value: as if the key were not there.
    private func given<Value: Sendable>(
        _ text: String, _ source: SettingSource, _ read: (String) throws(ValueError) -> Value
    ) throws(ValueError) -> Given<Value>? {
        guard !text.isEmpty else { return nil }
        return Given(value: try read(text), source: source)
    }

    /// Joins the weights with the list of queues, and sets the limits.
    ///
    /// A list from the environment or a flag stands over the weights as a whole.
    func join(
        _ options: inout DaemonOptions, _ sources: [String: SettingSource],
        _ problems: inout [ConfigurationProblem]
    ) {
        let list = sources["Daemon.Queues"] ?? .builtIn
        joinWeights(&options, list, &problems)
        joinDeadLimits(&options)
        for section in sections {
            guard let limit = section.concurrency else { continue }
            if !options.schedule.queues.contains(section.queue) {
                problems.append(
                    ConfigurationProblem(
                        limit.source,
                        "Concurrency= has no effect: \(section.queue) is not among the queues of "
                            + "this daemon; name it in Queues= or give it a Weight=",
                        isWarning: true))
            } else if limit.value < options.concurrency {
                options.queueConcurrency[section.queue] = limit.value
            } else if limit.value > options.concurrency {
                problems.append(
                    ConfigurationProblem(
                        limit.source,
                        "Concurrency=\(limit.value) has no effect: there are "
                            + "\(options.concurrency) slots",
                        isWarning: true))
            }
        }
    }

    /// What a queue's section does not say holds as for all.
    private func joinDeadLimits(_ options: inout DaemonOptions) {
        for section in sections where section.deadMax != nil || section.deadMaxAge != nil {
            var limits = options.deadLimits
            if let given = section.deadMax { limits.count = given.value }
            if let given = section.deadMaxAge { limits.age = given.value }
            options.queueDeadLimits[section.queue] = limits
        }
    }

    /// The queues whose weights join a list that comes from `list`.
    func weighted(beside list: SettingSource) -> [QueueName] {
        switch list {
        case .environment, .flag: []
        case .builtIn, .file: sections.filter { $0.weight != nil }.map(\.queue)
        }
    }

    private func joinWeights(
        _ options: inout DaemonOptions, _ list: SettingSource,
        _ problems: inout [ConfigurationProblem]
    ) {
        let names = weighted(beside: list)
        let weighted = sections.filter { names.contains($0.queue) }
        guard let first = weighted.first?.weight else { return }
        guard options.schedule.isWeighted || options.schedule.entries.count == 1 else {
            problems.append(
                ConfigurationProblem(
                    first.source,
                    "Weight= cannot join a strict order: Queues= at \(list) names queues without "
                        + "weights; give weights there, or none here"))
            return
        }
        var entries = options.schedule.entries
        for section in weighted {
            guard let weight = section.weight?.value else { continue }
            let entry = QueueSchedule.Entry(queue: section.queue, weight: weight)
            if let index = entries.firstIndex(where: { $0.queue == section.queue }) {
                entries[index] = entry
            } else {
                entries.append(entry)
            }
        }
        options.schedule = QueueSchedule(weighted: entries)
    }
}
