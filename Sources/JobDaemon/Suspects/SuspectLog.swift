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

    /// Takes a line apart. What begins with no level was printed by the handler: info.
    static func read(_ line: [UInt8]) -> (level: LogLevel, text: String) {
        guard line.count >= 3, line[0] == UInt8(ascii: "<"), line[2] == UInt8(ascii: ">"),
            let level = LogLevel(rawValue: Int(line[1]) - Int(UInt8(ascii: "0")))
        else { return (.info, String(decoding: line, as: UTF8.self)) }
        return (level, String(decoding: line.dropFirst(3), as: UTF8.self))
    }
}
