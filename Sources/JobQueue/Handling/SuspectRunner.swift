/// The port to whatever can run one job's handler apart from the daemon, so that a handler which
/// crashes takes nobody along.
package protocol SuspectRunner: Sendable {
    /// Runs the handler of `job`, which stands in for the job's own: it returns and throws what that
    /// does, is cancelled like it, and throws `SkipRetry` when that has crashed.
    ///
    /// - Parameter losses: how often the worker was lost that ran the job.
    func run(_ job: Job, _ context: JobContext, losses: Int) async throws
}
