import JobDaemon
import JobQueue

/// The daemon with a handler that does nothing: what is left is the daemon's own cost.
var handlers = HandlerRegistry()
handlers.register("bench:noop") { _, _ in }
DaemonProgram.run(handlers)
