import JobQueue
import TestSupport

/// Keeps the lines of the log.
final class LogCapture: LogSink {
    let records = Watched<[LogRecord]>([])
    let level: LogLevel

    init(level: LogLevel = .debug) { self.level = level }

    var messages: [String] { records.value.map(\.message) }

    func write(_ record: LogRecord) { records.update { $0.append(record) } }
}
