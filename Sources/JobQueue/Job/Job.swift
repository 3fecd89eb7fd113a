/// One unit of work, as its handler sees it. A class, because it is large and whatever tells of a job
/// holds it.
public final class Job: Sendable {
    /// The job's identity, the same at every attempt.
    public let id: JobID
    /// The name that picked the handler.
    public let type: JobType
    /// The queue it was claimed from.
    public let queue: QueueName
    /// What the producer gave, byte for byte.
    public let payload: Payload
    /// The number of this attempt, counted from 1.
    public let attempt: Int
    /// The attempt after which a failure is final.
    public let maxAttempts: Int
    /// When it was enqueued, Unix milliseconds; `nil` when the producer did not say.
    public let enqueuedAt: Int64?
    /// What the producer sends along, such as `traceparent`.
    public let headers: [String: String]

    package init(
        id: JobID, type: JobType, queue: QueueName, payload: Payload, attempt: Int,
        maxAttempts: Int, enqueuedAt: Int64? = nil, headers: [String: String] = [:]
    ) {
        self.id = id
        self.type = type
        self.queue = queue
        self.payload = payload
        self.attempt = attempt
        self.maxAttempts = maxAttempts
        self.enqueuedAt = enqueuedAt
        self.headers = headers
    }
}
