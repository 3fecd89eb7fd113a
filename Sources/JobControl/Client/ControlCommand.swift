/// What `jobqueuectl` was asked to do.
package enum ControlCommand: Equatable, Sendable {
    /// `nil`: about the program as a whole.
    case help(CommandName?)
    case version
    case stats, queues, workers, top, reload, check, drain, export
    case importJobs(PayloadSource)
    case enqueue(EnqueueOrder, payload: PayloadSource, count: Int)
    /// One job, and what comes of it within so many milliseconds; `nil`: whenever it comes.
    case run(EnqueueOrder, payload: PayloadSource, limit: Int64?)
    /// No queue means all.
    case pause([String]), resume([String])
    case listDead(queue: String?, limit: Int?)
    case showDead(id: String), show(id: String)
    case requeue(ControlSelection), delete(ControlSelection)

    /// Where the payload comes from.
    package enum PayloadSource: Equatable, Sendable {
        case none
        case text(String)
        case file(String)
        case standardInput
    }
}

/// A command and how it is to be carried out.
package struct Invocation: Equatable, Sendable {
    package var command: ControlCommand
    /// `nil`: the standard one.
    package var socket: String?
    /// The reply is printed as JSON.
    package var isJSON: Bool

    /// Reads the program's arguments, its own name not among them.
    package init(_ given: [String]) throws(UsageError) {
        let arguments = try Arguments(given, flags: CommandName.flags)
        socket = try Self.socket(arguments)
        isJSON = arguments.plain.contains("json")
        let name = try CommandName(first: arguments.words.first)
        if arguments.plain.contains("help") {
            command = .help(name)
        } else if arguments.plain.contains("version") {
            command = .version
        } else if let name {
            command = try CommandParser(name, arguments).command()
        } else if arguments.words.first == "help" {
            let topic = try CommandName(first: arguments.words.dropFirst().first)
            command = .help(topic)
        } else {
            throw UsageError("no command is given")
        }
    }
}

extension Invocation {
    private static func socket(_ arguments: Arguments) throws(UsageError) -> String? {
        guard let name = arguments.values["instance"] else { return arguments.values["socket"] }
        guard arguments.values["socket"] == nil else {
            throw UsageError("--socket and --instance exclude each other")
        }
        guard let path = SocketPath.ofInstance(name) else {
            throw UsageError("--instance takes the NAME of a jobqueued@NAME, not '\(name)'")
        }
        return path
    }
}

/// Reads what follows a command's name.
private struct CommandParser {
    private let name: CommandName
    private let arguments: Arguments
    private let words: [String]

    init(_ name: CommandName, _ arguments: Arguments) throws(UsageError) {
        self.name = name
        self.arguments = arguments
        words = Array(arguments.words.dropFirst())
        let allowed = name.ownFlags + CommandName.commonFlags
        if let flag = arguments.givenFlags.first(where: { !allowed.contains($0) }) {
            throw UsageError("\(name.rawValue) has no flag --\(flag)")
        }
    }

    func command() throws(UsageError) -> ControlCommand {
        switch name {
        case .stats: try withoutWords(.stats)
        case .queues: try withoutWords(.queues)
        case .workers: try withoutWords(.workers)
        case .top: try withoutWords(.top)
        case .reload: try withoutWords(.reload)
        case .check: try withoutWords(.check)
        case .drain: try withoutWords(.drain)
        case .export: try withoutWords(.export)
        case .importJobs: try importJobs()
        case .enqueue: try enqueue()
        case .pause: .pause(words)
        case .resume: .resume(words)
        case .dead: try dead()
        case .show: .show(id: try onlyID(words))
        case .requeue: .requeue(try selection())
        case .delete: .delete(try selection())
        }
    }

    private func withoutWords(_ command: ControlCommand) throws(UsageError) -> ControlCommand {
        guard let word = words.first else { return command }
        throw UsageError("\(name.rawValue) takes no argument \(word)")
    }

    private func importJobs() throws(UsageError) -> ControlCommand {
        guard words.count <= 1 else {
            throw UsageError("import takes no second argument \(words[1])")
        }
        guard let path = words.first, path != "-" else { return .importJobs(.standardInput) }
        return .importJobs(.file(path))
    }

    private func onlyID(_ words: some Collection<String>) throws(UsageError) -> String {
        guard let id = words.first, words.count == 1 else {
            throw UsageError("\(name.rawValue) takes the id of one job")
        }
        return id
    }

    private func dead() throws(UsageError) -> ControlCommand {
        switch words.first {
        case nil, "list":
            guard words.count <= 1 else {
                throw UsageError("dead list takes no argument \(words[1])")
            }
            let limit = try number("limit")
            guard ListDead.limits.contains(limit ?? ListDead.defaultLimit) else {
                throw UsageError("--limit takes a number up to \(ListDead.limits.upperBound)")
            }
            return .listDead(queue: arguments.values["queue"], limit: limit)
        case "show":
            if let flag = ["queue", "limit"].first(where: { arguments.values[$0] != nil }) {
                throw UsageError("dead show has no flag --\(flag)")
            }
            return .showDead(id: try onlyID(words.dropFirst()))
        case let word?:
            let hint = Suggestion.text(for: word, among: ["list", "show"])
            throw UsageError("dead takes list or show, not \(word)\(hint)")
        }
    }

    private func selection() throws(UsageError) -> ControlSelection {
        let isAll = arguments.plain.contains("all")
        let type = arguments.values["type"]
        switch (words.isEmpty, isAll) {
        case (true, true): return .all(type: type)
        case (false, true): throw UsageError("\(name.rawValue) takes ids or --all, not both")
        case (true, false): throw UsageError("\(name.rawValue) needs the ids of jobs, or --all")
        case (false, false):
            guard type == nil else { throw UsageError("--type goes with --all only") }
            return .ids(words)
        }
    }

    // MARK: - Enqueue

    private func enqueue() throws(UsageError) -> ControlCommand {
        guard let type = arguments.values["type"] else {
            throw UsageError("enqueue needs the job's type: --type NAME")
        }
        var order = EnqueueOrder(type: type)
        order.queue = arguments.values["queue"]
        order.uniqueKey = arguments.values["unique"]
        order.id = arguments.values["id"]
        order.maxAttempts = try number("max-attempts")
        order.delay = try span("delay")
        order.timeout = try span("timeout")
        order.startAt = try moment("at")
        if order.delay != nil && order.startAt != nil {
            throw UsageError("--delay and --at exclude each other")
        }
        let count = try number("count") ?? 1
        if order.id != nil && count > 1 {
            throw UsageError("--id names one job: it does not go with --count \(count)")
        }
        order.retention = try span("retention")
        order.remember = try span("remember")
        if order.remember != nil && order.id == nil {
            throw UsageError("--remember is about an id of your own: it goes with --id only")
        }
        let limit = try span("wait-limit")
        guard arguments.plain.contains("wait") || limit != nil else {
            return try withoutWords(.enqueue(order, payload: payload, count: count))
        }
        if count > 1 {
            throw UsageError("--wait waits for one job: it does not go with --count \(count)")
        }
        if order.retention == 0 {
            throw UsageError("--wait needs the job's end to be kept, for which --retention is 0")
        }
        return try withoutWords(.run(order, payload: payload, limit: limit))
    }

    private var payload: ControlCommand.PayloadSource {
        switch arguments.values["payload"] {
        case nil: .none
        case "-": .standardInput
        case let text? where text.hasPrefix("@"): .file(String(text.dropFirst()))
        case let text?: .text(text)
        }
    }

    private func number(_ flag: String) throws(UsageError) -> Int? {
        guard let text = arguments.values[flag] else { return nil }
        guard text.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let number = Int(text), number > 0 else {
            throw UsageError("--\(flag) takes a number from 1 on, not \(text)")
        }
        return number
    }

    private func span(_ flag: String) throws(UsageError) -> Int64? {
        guard let text = arguments.values[flag] else { return nil }
        guard let milliseconds = TimeSpan.milliseconds(text) else {
            throw UsageError("--\(flag) takes a span such as 10s, 5m, 1h30m or 2d, not \(text)")
        }
        return milliseconds
    }

    private func moment(_ flag: String) throws(UsageError) -> Int64? {
        guard let text = arguments.values[flag] else { return nil }
        guard let milliseconds = Moment.milliseconds(text) else {
            throw UsageError(
                "--\(flag) takes a time with seconds and zone, such as 2026-01-31T08:30:00Z or "
                    + "'2026-01-31 08:30:00+01:00', or Unix seconds, not \(text)")
        }
        return milliseconds
    }
}
