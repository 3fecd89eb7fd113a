import JobQueue
import LinuxSystem
import TestSupport
import Testing

@testable import JobDaemon

@Suite("Where the log goes")
struct LogOutputTests {
    private func record() -> LogRecord {
        var fields = LogFields()
        fields.job = JobID("j1")
        fields.type = JobType("email:welcome")
        fields.queue = QueueName("critical")
        fields.attempt = 2
        fields.worker = "w1"
        return LogRecord(
            level: .warning, messageID: .jobRetried, message: "failed: no answer", fields: fields)
    }

    @Test("on a terminal a line begins with its level and ends with the job's fields")
    func plainLine() throws {
        #expect(
            StandardErrorOutput.line(record())
                == "WARNING failed: no answer  job=j1 type=email:welcome queue=critical attempt=2\n"
        )
        #expect(
            StandardErrorOutput.line(LogRecord(level: .notice, message: "ready"))
                == "NOTICE ready\n")
    }

    @Test(
        "the journal finds a line by its job, its kind and its level",
        .enabled(
            if: PrivateJournal.isPossible, "needs root, to put a socket in the journal's place"))
    func journalEntry() async throws {
        let record = record()
        let entries = try await PrivateJournal.entries {
            try JournalOutput().write(record)
            try JournalOutput().write(LogRecord(level: .error, message: "alone"))
        }
        var entry = try #require(entries.first)
        // These are libsystemd's own.
        for name in ["CODE_FILE", "CODE_LINE", "CODE_FUNC"] { entry[name] = nil }
        #expect(
            entry == [
                "MESSAGE": "failed: no answer", "PRIORITY": "4", "SYSLOG_IDENTIFIER": "jobqueued",
                "MESSAGE_ID": MessageID.jobRetried.description, "JOB_ID": "j1",
                "JOB_TYPE": "email:welcome", "JOB_QUEUE": "critical", "JOB_ATTEMPT": "2",
                "JOB_WORKER": "w1",
            ])
        #expect(entries.last?["MESSAGE"] == "alone")
        #expect(entries.last?["JOB_ID"] == nil)
    }

    @Test("a kind of event is 32 hexadecimal digits, leading zeros included")
    func messageID() {
        #expect(MessageID(1).description == "00000000000000000000000000000001")
        #expect(MessageID.leaseLost.description.count == 32)
        #expect(MessageID(.max).description == String(repeating: "f", count: 32))
    }

    @Test("a handler's line carries its job, and levels have the names of the configuration")
    func logger() throws {
        let job = Job(
            id: try #require(JobID("j1")), type: try #require(JobType("t")), queue: .default,
            payload: Payload([]), attempt: 3, maxAttempts: 5)
        let sink = Sink()
        Logger(sink: sink, job: job).info("hello")
        #expect(
            sink.records.value == [
                LogRecord(level: .info, message: "hello", fields: LogFields(job))
            ])
        #expect(sink.records.value.first?.fields.attempt == 3)
        #expect(LogLevel.allCases.map(\.name) == ["error", "warning", "notice", "info", "debug"])
        #expect(LogLevel(name: "notice") == .notice)
        #expect(LogLevel(name: "Notice") == nil)
        #expect(LogLevel.info.includes(.error) && !LogLevel.info.includes(.debug))
    }
}

private struct Sink: LogSink {
    let level = LogLevel.info
    let records = Watched<[LogRecord]>([])

    func write(_ record: LogRecord) { records.update { $0.append(record) } }
}
