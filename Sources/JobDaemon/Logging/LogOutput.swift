import JobQueue
import LinuxSystem
import Systemd

/// The far end of the log. Only the log's own thread calls it, and may be kept waiting.
package protocol LogOutput: Sendable {
    /// Writes a line whose message is one line already.
    func write(_ record: LogRecord) throws
}

/// To the journal, with fields that `journalctl JOB_ID=…` finds.
package struct JournalOutput: LogOutput {
    package init() {}

    package func write(_ record: LogRecord) throws {
        var fields: [(name: String, value: String)] = [
            ("MESSAGE", record.message), ("PRIORITY", "\(record.level.rawValue)"),
            ("SYSLOG_IDENTIFIER", "jobqueued"),
        ]
        func add(_ name: String, _ value: (some CustomStringConvertible)?) {
            if let value { fields.append((name, value.description)) }
        }
        add("MESSAGE_ID", record.messageID)
        add("JOB_ID", record.fields.job)
        add("JOB_TYPE", record.fields.type)
        add("JOB_QUEUE", record.fields.queue)
        add("JOB_ATTEMPT", record.fields.attempt)
        add("JOB_WORKER", record.fields.worker)
        try Journal.send(fields)
    }
}

/// To standard error, as plain lines: `WARNING message  job=… type=… queue=… attempt=…`.
package struct StandardErrorOutput: LogOutput {
    private let output: LineOutput

    package init(_ output: LineOutput = .standardError) { self.output = output }

    package func write(_ record: LogRecord) throws {
        try output.write(Array(Self.line(record).utf8))
    }

    static func line(_ record: LogRecord) -> String {
        var fields: [String] = []
        func add(_ name: String, _ value: (some CustomStringConvertible)?) {
            if let value { fields.append("\(name)=\(value)") }
        }
        add("job", record.fields.job)
        add("type", record.fields.type)
        add("queue", record.fields.queue)
        add("attempt", record.fields.attempt)
        let message = "\(record.level.name.uppercased()) \(record.message)"
        return ([message] + (fields.isEmpty ? [] : [""]) + fields).joined(separator: " ") + "\n"
    }
}
