/// What a handler may want to know while it runs.
public struct JobContext: Sendable {
    /// Writes lines that carry the job's id, type, queue and attempt.
    public let log: Logger
    /// One attempt's limit. When it has passed the handler's task is cancelled.
    public let timeout: Duration

    package init(log: Logger, timeout: Duration) {
        self.log = log
        self.timeout = timeout
    }

    /// Whether the handler should stop: the time is over, the daemon drains, or the job was lost to
    /// another worker. A handler that throws or returns soon afterwards is treated kindly; one that
    /// does not is left behind.
    public var isCancelled: Bool { Task.isCancelled }
}
