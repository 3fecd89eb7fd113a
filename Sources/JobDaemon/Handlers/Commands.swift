import ChildProcesses
import EventLoop
import ExecHandler
import JobQueue

/// The commands of the handler files, while a daemon runs. Reading the files anew keeps those that stay
/// as they are, with their children.
actor Commands {
    /// One handler file's command at work.
    private enum Runner {
        case once(CommandHandler)
        case persistent(PersistentCommand)
    }

    private let processes: ChildProcesses
    private let known: KnownHandlers
    private let environment: CommandEnvironment
    private let loop: EventLoop
    private let clock: any JobClock
    private let log: any LogSink
    private var running: [(definition: CommandDefinition, runner: Runner)] = []
    /// Those whose files have gone or changed, and that may still run jobs.
    private var retired: [PersistentCommand] = []
    /// What held for types whose handler files have gone.
    private var gone: [JobTypePattern: HandlerOptions] = [:]

    init(
        processes: ChildProcesses, environment: CommandEnvironment, loop: EventLoop,
        clock: any JobClock, log: any LogSink
    ) {
        self.processes = processes
        self.environment = environment
        known = KnownHandlers(clock: clock)
        self.loop = loop
        self.clock = clock
        self.log = log
    }

    /// Takes the commands of these options, in place of those before.
    ///
    /// - Returns: `handlers` with them, which stand over handlers in Swift for the same type; and what
    ///   should be told of it, a line each.
    func replace(
        by options: DaemonOptions, in handlers: HandlerRegistry
    ) async -> (handlers: HandlerRegistry, notes: [String]) {
        var notes: [String] = []
        let former = running
        running = options.commands.map { definition in
            if let same = former.first(where: { $0.definition == definition }) { return same }
            return (definition, runner(of: definition, options))
        }
        for (definition, runner) in former where !options.commands.contains(definition) {
            guard case .persistent(let command) = runner else { continue }
            if let note = Self.note(of: definition, options.commands) { notes.append(note) }
            retired.append(command)
            await command.retire()
        }
        var handlers = handlers
        registerMissing(in: &handlers, former: former.map(\.definition), options)
        for (definition, runner) in running {
            handlers.register(definition.pattern, options: definition.options) { job, context in
                switch runner {
                case .once(let command): try await command.run(job, context)
                case .persistent(let command): try await command.run(job, context)
                }
            }
        }
        return (handlers, notes)
    }

    /// What is told of a command whose file still says the same, and whose program does not.
    private static func note(
        of former: CommandDefinition, _ commands: [CommandDefinition]
    ) -> String? {
        guard let new = commands.first(where: { $0.name == former.name }) else { return nil }
        var old = former
        old.files = new.files
        guard old == new else { return nil }
        let changed = new.files.filter { !former.files.contains($0) }.map(\.path)
        return
            "\(new.name): \(changed.first ?? new.executable) has changed; its processes are replaced, "
            + "those with a job when that is over"
    }

    /// Registers what stands in for handlers that are missing.
    private func registerMissing(
        in handlers: inout HandlerRegistry, former: [CommandDefinition], _ options: DaemonOptions
    ) {
        known.rule = options.noHandler
        for definition in former + options.commands { known.note(definition.pattern) }
        for definition in former { gone[definition.pattern] = definition.options }
        for definition in options.commands { gone[definition.pattern] = nil }
        let recent = known.prune()
        gone = gone.filter { recent.contains($0.key) }
        for (pattern, options) in gone {
            var options = options
            // A job that is not run waits for no other.
            options.concurrency = nil
            handlers.registerMissing(pattern, options: options) { [known] job, _ in
                throw known.failure(ofMissing: job.type, former: pattern)
            }
        }
        if options.noHandler == .retry, let all = JobTypePattern("*") {
            handlers.registerMissing(all, options: HandlerOptions()) { [known] job, _ in
                throw known.failure(ofMissing: job.type, former: nil)
            }
        }
    }

    private func runner(of definition: CommandDefinition, _ options: DaemonOptions) -> Runner {
        switch definition.mode {
        case .once:
            .once(
                CommandHandler(
                    definition, processes: processes, known: known, environment: environment,
                    grace: options.killGrace, clock: clock))
        case .persistent:
            .persistent(
                PersistentCommand(
                    definition, processes: processes, known: known, environment: environment,
                    slots: options.concurrency, grace: options.killGrace, loop: loop, clock: clock,
                    log: log))
        }
    }

    /// How many `end` still waits for.
    private(set) var ending = 0

    /// Ends those that run on, when no job runs any more.
    func end() async {
        var commands = retired
        for case (_, .persistent(let command)) in running { commands.append(command) }
        ending = commands.count
        await withTaskGroup { group in
            for command in commands { group.addTask { await command.end() } }
            for await _ in group { ending -= 1 }
        }
    }
}
