import ChildProcesses
import EventLoop
import ExecHandler
import JobQueue

/// The commands of the handler files, while a daemon runs.
struct Commands: Sendable {
    private var once: [(CommandDefinition, CommandHandler)] = []
    private var persistent: [(CommandDefinition, PersistentCommand)] = []

    init(
        _ options: DaemonOptions, processes: ChildProcesses, loop: EventLoop,
        clock: any JobClock, log: any LogSink
    ) {
        for definition in options.commands {
            switch definition.mode {
            case .once:
                let handler = CommandHandler(
                    definition, processes: processes, grace: options.killGrace, clock: clock)
                once.append((definition, handler))
            case .persistent:
                let command = PersistentCommand(
                    definition, processes: processes, slots: options.concurrency,
                    grace: options.killGrace, loop: loop, clock: clock, log: log)
                persistent.append((definition, command))
            }
        }
    }

    /// Registers them. They stand over handlers in Swift for the same type.
    func register(in handlers: inout HandlerRegistry) {
        for (definition, handler) in once {
            handlers.register(definition.pattern, options: definition.options) { job, context in
                try await handler.run(job, context)
            }
        }
        for (definition, command) in persistent {
            handlers.register(definition.pattern, options: definition.options) { job, context in
                try await command.run(job, context)
            }
        }
    }

    /// Ends those that run on, when no job runs any more.
    func end() async {
        await withTaskGroup { group in
            for (_, command) in persistent { group.addTask { await command.end() } }
        }
    }
}
