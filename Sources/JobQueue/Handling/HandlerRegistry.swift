/// Runs one job. Returning is success; throwing is a failed attempt, which is tried again
/// (`SkipRetry` and `RetryAfter` say otherwise). It must be safe to run twice for the same job.
public typealias JobHandler = @Sendable (_ job: Job, _ context: JobContext) async throws -> Void

/// What holds for all jobs of a type, unless a job says otherwise.
public struct HandlerOptions: Sendable, Equatable {
    /// One attempt's limit; `nil`: 30 minutes.
    public var timeout: Duration?
    /// Attempts before a failure is final; `nil`: the daemon's retry policy.
    public var maxAttempts: Int?
    /// `nil`: the daemon's retry policy.
    public var retry: RetryPolicy?

    /// All defaults.
    public init(timeout: Duration? = nil, maxAttempts: Int? = nil, retry: RetryPolicy? = nil) {
        self.timeout = timeout
        self.maxAttempts = maxAttempts
        self.retry = retry
    }
}

/// Which handler runs which type of job.
public struct HandlerRegistry: Sendable {
    package struct Entry: Sendable {
        package let options: HandlerOptions
        package let handler: JobHandler
    }

    private var entries: [JobType: Entry] = [:]

    /// A registry without handlers.
    public init() {}

    /// Registers `handler` for `type`; the last one registered counts.
    ///
    /// - Parameter type: Must be a type's name (see `JobType`); anything else is a mistake in the
    ///   program and stops it.
    public mutating func register(
        _ type: String, options: HandlerOptions = HandlerOptions(), handler: @escaping JobHandler
    ) {
        guard let type = JobType(type) else {
            preconditionFailure("'\(type)' cannot be the name of a job type")
        }
        entries[type] = Entry(options: options, handler: handler)
    }

    /// The types that have a handler, sorted by name.
    public var types: [JobType] {
        entries.keys.sorted { $0.description < $1.description }
    }

    package func entry(for type: JobType) -> Entry? { entries[type] }
}
