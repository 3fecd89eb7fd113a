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
}
