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
    private let loop: EventLoop
    private let clock: any JobClock
    private let log: any LogSink
    private var running: [(definition: CommandDefinition, runner: Runner)] = []
    /// Those whose files have gone or changed, and that may still run jobs.
    private var retired: [PersistentCommand] = []

    init(processes: ChildProcesses, loop: EventLoop, clock: any JobClock, log: any LogSink) {
        self.processes = processes
        self.loop = loop
        self.clock = clock
        self.log = log
    }

    /// Takes the commands of these options, in place of those before.
    ///
    /// - Returns: `handlers` with them. They stand over handlers in Swift for the same type.
    func replace(by options: DaemonOptions, in handlers: HandlerRegistry) async -> HandlerRegistry {
        let former = running
        running = options.commands.map { definition in
            if let same = former.first(where: { $0.definition == definition }) { return same }
            return (definition, runner(of: definition, options))
        }
        for (definition, runner) in former where !options.commands.contains(definition) {
            guard case .persistent(let command) = runner else { continue }
            retired.append(command)
            await command.retire()
        }
        var handlers = handlers
        for (definition, runner) in running {
            handlers.register(definition.pattern, options: definition.options) { job, context in
                switch runner {
                case .once(let command): try await command.run(job, context)
                case .persistent(let command): try await command.run(job, context)
                }
            }
        }
        return handlers
    }

    private func runner(of definition: CommandDefinition, _ options: DaemonOptions) -> Runner {
        switch definition.mode {
        case .once:
            .once(
                CommandHandler(
                    definition, processes: processes, grace: options.killGrace, clock: clock))
        case .persistent:
            .persistent(
                PersistentCommand(
                    definition, processes: processes, slots: options.concurrency,
                    grace: options.killGrace, loop: loop, clock: clock, log: log))
        }
    }

    /// Ends those that run on, when no job runs any more.
    func end() async {
        var commands = retired
        for case (_, .persistent(let command)) in running { commands.append(command) }
        await withTaskGroup { group in
            for command in commands { group.addTask { await command.end() } }
        }
    }
}
