import ChildProcesses
import EventLoop
import ExecHandler
import JobQueue

/// All handlers of a process: the site's own, and those of the daemon.
enum Handlers {
    static func complete(
        _ handlers: HandlerRegistry, isDemo: Bool, clock: any JobClock, loop: EventLoop
    ) -> HandlerRegistry {
        var handlers = handlers
        if isDemo { DemoHandlers.register(in: &handlers, clock: clock) }
        FailPoints.register(in: &handlers, loop: loop)
        return handlers
    }

    /// With the commands of the handler files, which stand over handlers in Swift
    /// for the same type.
    static func adding(
        _ commands: [CommandDefinition], to handlers: HandlerRegistry, processes: ChildProcesses,
        grace: Duration, clock: any JobClock
    ) -> HandlerRegistry {
        var handlers = handlers
        for definition in commands {
            let handler = CommandHandler(
                definition, processes: processes, grace: grace, clock: clock)
            handlers.register(
                definition.pattern, options: definition.options
            ) { job, context in
                try await handler.run(job, context)
            }
        }
        return handlers
    }
}
