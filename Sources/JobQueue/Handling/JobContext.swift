/// What a handler may want to know while it runs.
public struct JobContext: Sendable {
    /// Writes lines that carry the job's id, type, queue and attempt.
    public let log: Logger
    /// One attempt's limit. When it has passed the handler's task is cancelled.
    public let timeout: Duration
    private let result: KeptResult?
    private let attempt: Attempt?

    /// - Parameters:
    ///   - result: `nil`: nothing is kept of the job.
    ///   - attempt: Whose time runs; `nil`: nobody looks at it.
    package init(
        log: Logger, timeout: Duration, result: KeptResult? = nil, attempt: Attempt? = nil
    ) {
        self.log = log
        self.timeout = timeout
        self.result = result
        self.attempt = attempt
    }

    /// The job has only waited until `now`: its time begins to run.
    package func begins(at now: MonotonicTime) { attempt?.control.restarts(at: now) }

    /// Whether the job's end is kept for a while, and a result with it (`HandlerOptions.retention`, or
    /// the job's own).
    public var keepsResult: Bool { result != nil }

    /// Leaves the job's result: one JSON value of at most 64 KiB, which can be looked up while the
    /// job's end is kept. The last one counts, and only when the handler returns. Throws when it is no
    /// JSON or too long; where nothing is kept it is dropped.
    public func setResult(_ json: Payload) throws {
        guard let result else { return }
        try result.set(json)
    }

    /// The same with what a program has written: JSON as it is, anything else as a string.
    ///
    /// - Parameter dropped: how many bytes came after `output`.
    /// - Returns: whether something of it is not kept.
    @discardableResult
    package func setResult(output: [UInt8], dropped: Int = 0) -> Bool {
        result?.set(output: output, dropped: dropped) ?? false
    }

    /// The result was too long, and nothing of it is kept.
    package func noteTooLargeResult() { result?.noteTooLarge() }

    /// Whether the handler should stop: the time is over, the daemon drains, or the job was lost to
    /// another worker. A handler that throws or returns soon afterwards is treated kindly; one that
    /// does not is left behind.
    public var isCancelled: Bool { Task.isCancelled }
}
