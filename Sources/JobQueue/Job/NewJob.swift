/// What a producer asks for. Everything but the type has a default.
public struct NewJob: Sendable {
    /// The name that picks the handler.
    public var type: JobType
    /// One JSON value; handed to the handler byte for byte.
    public var payload: Payload
    /// The queue to put it in.
    public var queue: QueueName
    /// The producer's own id. An enqueue with an id that its queue remembers adds nothing. `nil`: a new
    /// UUIDv7.
    public var id: JobID?
    /// How long the queue remembers an id of the producer's own, 1 ms to 1826 days. `nil`: 24 hours.
    public var remember: Duration?
    /// Attempts before a failure is final, 1 or more. `nil`: the handler's, else 25.
    public var maxAttempts: Int?
    /// One attempt's limit. `nil`: the handler's, else 30 minutes.
    public var timeout: Duration?
    /// For how long its end, with its result, is kept to be looked up, up to 30 days; zero: not at
    /// all. `nil`: as the handler says.
    public var retention: Duration?
    /// When it may run first. `nil`: now.
    public var start: Start?
    /// While a job with this key waits or runs, no other is taken in.
    public var uniqueKey: String?
    /// Carried along with the job.
    public var headers: [String: String]

    /// When a delayed job may run.
    public enum Start: Sendable, Equatable {
        /// So long after the broker took it in, by the broker's clock.
        case after(Duration)
        /// At this moment, Unix milliseconds.
        case at(unixMilliseconds: Int64)
    }

    /// Asks for a job of `type`. All else is set on the value.
    public init(type: JobType, payload: Payload = Payload(Array("null".utf8))) {
        self.type = type
        self.payload = payload
        queue = .default
        headers = [:]
    }
}

extension NewJob {
    /// About how many bytes its record has.
    private var size: Int {
        headers.reduce(payload.bytes.count + 256) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    }

    /// Whether the records of `jobs` have no more than so many bytes together, or there is only one.
    package static func areFew(_ jobs: [NewJob], bytes: Int) -> Bool {
        jobs.count == 1 || jobs.reduce(0) { $0 + $1.size } <= bytes
    }

    /// The same jobs in parts of about so many bytes, each of at least one job.
    package static func parts(of jobs: [NewJob], bytes limit: Int) -> [ArraySlice<NewJob>] {
        var parts: [ArraySlice<NewJob>] = []
        var start = 0
        var bytes = 0
        for (index, job) in jobs.enumerated() {
            let size = job.size
            if index > start, bytes + size > limit {
                parts.append(jobs[start..<index])
                (start, bytes) = (index, 0)
            }
            bytes += size
        }
        if start < jobs.count { parts.append(jobs[start...]) }
        return parts
    }
}
