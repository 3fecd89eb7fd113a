import JobQueue
import LinuxSystem

/// The log of a suspect's process: lines on standard error that begin with `<` level `>`, as
/// sd-daemon(3) has them. The daemon gives them the job's fields.
struct SuspectLog: LogSink {
    let level: LogLevel

    func write(_ record: LogRecord) {
        guard level.includes(record.level) else { return }
        let line = "<\(record.level.rawValue)>\(LogText.line(record.message))\n"
        // When the daemon is gone, so is whoever would read it.
        try? LineOutput.standardError.write(Array(line.utf8))
    }
}
