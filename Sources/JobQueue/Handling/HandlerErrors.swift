/// Thrown by a handler when trying again cannot help: the job is dead at once.
public struct SkipRetry: Error, CustomStringConvertible {
    /// What the dead-letter queue shows.
    public let description: String

    /// - Parameter reason: Why trying again cannot help.
    public init(_ reason: String) { description = reason }
}

/// Thrown by a handler that knows when to try again. It counts as a failed attempt.
public struct RetryAfter: Error, CustomStringConvertible {
    /// The wait before the next attempt, a year at most; zero or less: at once. No jitter is applied.
    public let delay: Duration
    /// What is kept with the job.
    public let description: String

    /// - Parameters:
    ///   - delay: The wait before the next attempt.
    ///   - reason: Why this attempt failed.
    public init(_ delay: Duration, _ reason: String = "asked to be run later") {
        self.delay = delay
        description = reason
    }
}

/// Thrown where a job cannot be begun for want of something that this machine has too little of at the
/// moment. It is put off, and no attempt is used.
package struct PutOff: Error, CustomStringConvertible {
    package let delay: Duration
    package let description: String

    package init(_ delay: Duration, _ reason: String) {
        self.delay = delay
        description = reason
    }
}

/// Thrown by a handler that was told to stop, with the last that was heard of its work. Why it was told,
/// the worker knows.
package struct Interrupted: Error {
    /// Empty: nothing was heard.
    package let lastWords: String

    package init(lastWords: String) { self.lastWords = lastWords }
}
