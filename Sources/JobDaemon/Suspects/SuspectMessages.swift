import FoundationEssentials
import JobQueue

/// What a suspect's process reads: the job, and how it is to be run.
struct SuspectOrder: Codable, Equatable {
    /// The process of the daemon that gives the order.
    var daemon: Int32
    var id: String
    var type: String
    var queue: String
    /// The JSON text, kept byte for byte.
    var payload: String
    var attempt: Int
    var maxAttempts: Int
    /// Unix milliseconds.
    var enqueuedAt: Int64?
    var headers: [String: String]
    var timeoutMilliseconds: Int64
    /// Whether the job's result is kept.
    var keepsResult: Bool
    /// Whether the demo's handlers are registered, too.
    var isDemo: Bool
    /// The level's name.
    var logLevel: String

    init(
        _ job: Job, _ context: JobContext, of daemon: Int32, isDemo: Bool, logLevel: LogLevel
    ) {
        self.daemon = daemon
        id = job.id.description
        type = job.type.description
        queue = job.queue.description
        payload = job.payload.text
        attempt = job.attempt
        maxAttempts = job.maxAttempts
        enqueuedAt = job.enqueuedAt
        headers = job.headers
        timeoutMilliseconds = context.timeout.wholeMilliseconds
        keepsResult = context.keepsResult
        self.isDemo = isDemo
        self.logLevel = logLevel.name
    }

    /// `nil` when a name in it is none.
    var job: Job? {
        guard let id = JobID(id), let type = JobType(type), let queue = QueueName(queue) else {
            return nil
        }
        return Job(
            id: id, type: type, queue: queue, payload: Payload(Array(payload.utf8)),
            attempt: attempt, maxAttempts: maxAttempts, enqueuedAt: enqueuedAt, headers: headers)
    }
}

/// What a suspect's process writes as its last line: what its handler has come to.
enum SuspectAnswer: Codable, Equatable {
    /// The line before it, written when the handler begins. What ends without it has died of something
    /// else than the handler.
    static let beginning = "begun"

    /// `result`: JSON text.
    case done(result: String?)
    case failed(reason: String)
    case failedForGood(reason: String)
    case failedFor(milliseconds: Int64, reason: String)

    /// What a handler's error means.
    init(thrown error: any Error) {
        switch error {
        case let error as SkipRetry:
            self = .failedForGood(reason: ErrorText.clipped(error.description))
        case let error as RetryAfter:
            self = .failedFor(
                milliseconds: error.delay.wholeMilliseconds,
                reason: ErrorText.clipped(error.description))
        default: self = .failed(reason: ErrorText.clipped(ErrorText.of(error)))
        }
    }

    /// Does what the handler did.
    func replay(_ context: JobContext) throws {
        switch self {
        case .done(let result):
            if let result { try context.setResult(Payload(Array(result.utf8))) }
        case .failed(let reason): throw SuspectFailure(description: reason)
        case .failedForGood(let reason): throw SkipRetry(reason)
        case .failedFor(let milliseconds, let reason):
            throw RetryAfter(.milliseconds(milliseconds), reason)
        }
    }
}

/// What a handler has thrown in a suspect's process.
struct SuspectFailure: Error, CustomStringConvertible {
    let description: String
}
