import JobDaemon

// The daemon of the package: handlers in Swift are registered by a site's own program, this one has
// those of `--demo`.
DaemonProgram.run()
