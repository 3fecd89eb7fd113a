/// When a failed job runs again: exponential backoff with jitter.
public struct RetryPolicy: Sendable, Equatable {
    /// The wait after the first failure, before jitter.
    public var base: Duration
    /// No wait is longer.
    public var max: Duration
    /// Attempts before a failure is final, where neither the job nor its handler says otherwise.
    public var maxAttempts: Int

    /// The defaults are those of `jobqueued`: 1 s, 1 h, 25 attempts.
    public init(
        base: Duration = .seconds(1), max: Duration = .seconds(3600), maxAttempts: Int = 25
    ) {
        self.base = base
        self.max = max
        self.maxAttempts = maxAttempts
    }

    /// The wait after the failure of `attempt`: `min(max, base · 2^(attempt−1)) · jitter`.
    ///
    /// - Parameters:
    ///   - attempt: The number of the attempt that failed, counted from 1.
    ///   - jitter: The share of the wait to keep, 0.5...1, so that jobs that failed together do not
    ///     come back together.
    package func delay(afterFailureOf attempt: Int, jitter: Double) -> Duration {
        var delay = min(base, max)
        var step = 1
        while step < attempt && delay > .zero && delay < max {
            delay = min(delay * 2, max)
            step += 1
        }
        // A Double rounds up, too; the limit holds to the last attosecond all the same.
        return min(delay * jitter, delay)
    }
}
