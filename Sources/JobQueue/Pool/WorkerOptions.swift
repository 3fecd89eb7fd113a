/// How a worker works.
package struct WorkerOptions: Sendable {
    /// How many jobs run at the same time.
    package var slots: Int
    package var schedule: QueueSchedule
    /// How many jobs of a queue run at the same time at most; of one that is not named, as many as
    /// there are slots.
    package var queueLimits: [QueueName: Int] = [:]
    package var retry: RetryPolicy
    /// One attempt's limit where neither the job nor its handler says otherwise.
    package var timeout: Duration = .seconds(30 * 60)
    /// How long a cancelled handler may take to return before its job is given to others.
    package var killGrace: Duration = .seconds(10)
    /// How long running jobs may take to finish in a drain.
    package var drainTimeout: Duration = .seconds(30)
    /// How long the last outcomes and the sign-off may take at the end of a drain.
    package var signOffLimit: Duration = .seconds(5)
    /// How long this worker's jobs stay its own without a heartbeat.
    package var lease: Duration = .seconds(15)
    /// The largest payload in bytes; a job with a larger one is dead.
    package var maxPayload = 1 << 20
    /// Where handlers run; `nil`: on Swift's shared pool.
    package var executor: (any TaskExecutor)?

    package init(slots: Int, schedule: QueueSchedule, retry: RetryPolicy = RetryPolicy()) {
        self.slots = slots
        self.schedule = schedule
        self.retry = retry
    }
}
