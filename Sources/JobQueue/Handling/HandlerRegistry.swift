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
    /// For how long a job's end, with its result, is kept to be looked up; `nil`: not at all.
    public var retention: Duration?
    /// How many of its jobs run at once in this daemon at most, 1 or more; `nil`: as many as there are
    /// slots. A handler for many types counts them together.
    public var concurrency: Int?

    /// All defaults.
    public init(
        timeout: Duration? = nil, maxAttempts: Int? = nil, retry: RetryPolicy? = nil,
        retention: Duration? = nil, concurrency: Int? = nil
    ) {
        self.timeout = timeout
        self.maxAttempts = maxAttempts
        self.retry = retry
        self.retention = retention
        self.concurrency = concurrency
    }
}

/// Which handler runs which type of job.
public struct HandlerRegistry: Sendable {
    /// A class, because each claimed job looks at one, and needs few of its parts.
    package final class Entry: Sendable {
        package let options: HandlerOptions
        package let handler: JobHandler
        /// It runs in a process of its own anyhow, so that a crash takes nobody along.
        package let runsApart: Bool
        /// `nil`: as many of its jobs run at once as there are slots.
        package let limit: HandlerLimit?

        fileprivate init(
            _ pattern: JobTypePattern, _ options: HandlerOptions, runsApart: Bool,
            _ handler: @escaping JobHandler
        ) {
            self.options = options
            self.handler = handler
            self.runsApart = runsApart
            limit = options.concurrency.map { HandlerLimit(pattern: pattern, most: $0) }
        }
    }

    private var entries: [JobType: Entry] = [:]
    /// For types that begin alike; the longest beginning first.
    private var families: [(pattern: JobTypePattern, entry: Entry)] = []
    /// Stand in for handlers that are missing: asked last, the longest beginning first.
    private var missing: [(pattern: JobTypePattern, entry: Entry)] = []

    /// What is to be done when the daemon has drained, in the order of their registration.
    package private(set) var shutdownHooks: [@Sendable () async -> Void] = []

    /// A registry without handlers.
    public init() {}

    /// Has `hook` called when the daemon has drained and no handler runs any more, before the process
    /// ends: to close what the handlers have used. The last one registered is called first. All of them
    /// together have as long as `KillGrace=` says. They are not called when the process is killed, or
    /// ended by a second signal.
    public mutating func onShutdown(_ hook: @escaping @Sendable () async -> Void) {
        shutdownHooks.append(hook)
    }

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
        entries[type] = Entry(JobTypePattern(type), options, runsApart: false, handler)
    }

    /// Registers a handler that runs jobs in processes of their own, for all types that `pattern`
    /// takes. A handler for one type stands over those for many, and of those the one with the
    /// longest beginning counts.
    package mutating func register(
        _ pattern: JobTypePattern, options: HandlerOptions,
        runningApart handler: @escaping JobHandler
    ) {
        let entry = Entry(pattern, options, runsApart: true, handler)
        if !pattern.isPrefix, let type = JobType(pattern.stem) {
            entries[type] = entry
        } else {
            families.removeAll { $0.pattern == pattern }
            families.append((pattern, entry))
            families.sort { $0.pattern.stem.utf8.count > $1.pattern.stem.utf8.count }
        }
    }

    /// Registers what fails the jobs of `pattern` that no handler takes; without it they are dead at once.
    package mutating func registerMissing(
        _ pattern: JobTypePattern, options: HandlerOptions, handler: @escaping JobHandler
    ) {
        missing.removeAll { $0.pattern == pattern }
        missing.append((pattern, Entry(pattern, options, runsApart: true, handler)))
        missing.sort { Self.isNarrower($0.pattern, $1.pattern) }
    }

    private static func isNarrower(_ one: JobTypePattern, _ other: JobTypePattern) -> Bool {
        one.isPrefix == other.isPrefix
            ? one.stem.utf8.count > other.stem.utf8.count : other.isPrefix
    }

    /// Whether there is no handler at all.
    package var isEmpty: Bool { entries.isEmpty && families.isEmpty }

    /// The types that have a handler, sorted by name.
    public var types: [JobType] {
        entries.keys.sorted { $0.description < $1.description }
    }

    /// The families of types that have a handler.
    package var patterns: [JobTypePattern] { families.map(\.pattern) }

    package func entry(for type: JobType) -> Entry? {
        entries[type] ?? families.first { $0.pattern.takes(type) }?.entry
            ?? missing.first { $0.pattern.takes(type) }?.entry
    }
}
