/// How much a line matters. The numbers are those of syslog: the lower, the graver.
public enum LogLevel: Int, Sendable, CaseIterable {
    /// Something does not work and somebody must look.
    case error = 3
    /// Something failed that is dealt with.
    case warning = 4
    /// The daemon's own state has changed.
    case notice = 5
    /// What happened to a job that did not simply succeed.
    case info = 6
    /// For who looks for a mistake.
    case debug = 7

    /// As it stands in a configuration: `error`, `warning`, `notice`, `info`, `debug`.
    public var name: String { "\(self)" }

    /// - Returns: `nil` when `name` is no level's name.
    public init?(name: some StringProtocol) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    /// Whether lines of `level` are written where this is the least level that is wanted.
    public func includes(_ level: LogLevel) -> Bool { level.rawValue <= rawValue }
}

/// What a line is about. Each field that is set can be searched for in the journal.
public struct LogFields: Sendable, Equatable {
    /// `JOB_ID`.
    public var job: JobID?
    /// `JOB_TYPE`.
    public var type: JobType?
    /// `JOB_QUEUE`.
    public var queue: QueueName?
    /// `JOB_ATTEMPT`, counted from 1.
    public var attempt: Int?
    /// `JOB_WORKER`: the identity of the daemon that runs or ran it.
    public var worker: String?

    /// No fields.
    public init() {}

    /// The fields of one attempt.
    public init(_ job: Job) {
        self.job = job.id
        type = job.type
        queue = job.queue
        attempt = job.attempt
    }
}

/// One line of the log.
public struct LogRecord: Sendable, Equatable {
    /// How much it matters.
    public var level: LogLevel
    /// What kind of event it tells of; `nil` for a line of a handler.
    public var messageID: MessageID?
    /// The line. It may hold anything: who writes it escapes what does not belong into a line.
    public var message: String
    /// What it is about.
    public var fields: LogFields

    /// A line about `fields`.
    public init(
        level: LogLevel, messageID: MessageID? = nil, message: String,
        fields: LogFields = LogFields()
    ) {
        self.level = level
        self.messageID = messageID
        self.message = message
        self.fields = fields
    }
}

/// Where lines go.
public protocol LogSink: Sendable {
    /// The least level that is wanted at the moment.
    var level: LogLevel { get }
    /// Takes a line. Never blocks, from whatever thread it is called.
    func write(_ record: LogRecord)
}

/// Writes lines about one job. Costs nothing where a line's level is not wanted.
public struct Logger: Sendable {
    private let sink: any LogSink
    private let subject: Subject

    /// The fields of a job are looked up for the few lines that are written, not for each job.
    private enum Subject: Sendable {
        case job(Job)
        indirect case fields(LogFields)

        var fields: LogFields {
            switch self {
            case .job(let job): LogFields(job)
            case .fields(let fields): fields
            }
        }
    }

    /// Writes lines that carry `fields`.
    public init(sink: any LogSink, fields: LogFields = LogFields()) {
        self.sink = sink
        subject = .fields(fields)
    }

    /// Writes lines about this attempt.
    public init(sink: any LogSink, job: Job) {
        self.sink = sink
        subject = .job(job)
    }

    /// Writes a line at `level`. `message` is made only when the level is wanted.
    public func log(_ level: LogLevel, _ message: @autoclosure () -> String) {
        guard sink.level.includes(level) else { return }
        sink.write(LogRecord(level: level, message: message(), fields: subject.fields))
    }

    /// Something does not work and somebody must look.
    public func error(_ message: @autoclosure () -> String) { log(.error, message()) }
    /// Something failed that is dealt with.
    public func warning(_ message: @autoclosure () -> String) { log(.warning, message()) }
    /// Something of note.
    public func notice(_ message: @autoclosure () -> String) { log(.notice, message()) }
    /// What happened.
    public func info(_ message: @autoclosure () -> String) { log(.info, message()) }
    /// For who looks for a mistake.
    public func debug(_ message: @autoclosure () -> String) { log(.debug, message()) }
}
