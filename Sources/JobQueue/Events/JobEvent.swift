/// What happened to one attempt at a job. Metrics and log lines about jobs are made from these alone.
package struct JobEvent: Sendable, Equatable {
    /// How the attempt ended.
    package enum Kind: Sendable, Equatable {
        /// Well: the job is over.
        case done
        /// It failed; the job is scheduled again, `after` from now.
        case retried(after: Duration, reason: String)
        /// The job was moved to dead.
        case dead(reason: String)
        /// The job went back to pending with no attempt used.
        case released(reason: String)
        /// It was not started: its handler had as many jobs as it may have at once. The job is due
        /// again `after` from now, no attempt used.
        case postponed(after: Duration)
        /// The outcome came too late: the lease was lost, and nothing was written.
        case refused
    }

    package let id: JobID
    /// `nil` when the record had none that can be read.
    package let type: JobType?
    package let queue: QueueName
    /// The number of this attempt, counted from 1.
    package let attempt: Int
    package let maxAttempts: Int
    package let kind: Kind
    /// From when the job was due (enqueued, or scheduled for) to its start; `nil` when it was not
    /// started, or its producer did not say when it was enqueued.
    package let wait: Duration?
    /// How long the handler ran; `nil` when none did.
    package let run: Duration?

    package init(
        id: JobID, type: JobType?, queue: QueueName, attempt: Int, maxAttempts: Int, kind: Kind,
        wait: Duration? = nil, run: Duration? = nil
    ) {
        self.id = id
        self.type = type
        self.queue = queue
        self.attempt = attempt
        self.maxAttempts = maxAttempts
        self.kind = kind
        self.wait = wait
        self.run = run
    }
}

/// Hears what becomes of jobs. Called on the path of every job: it must neither block nor wait.
package protocol JobEventRecorder: Sendable {
    /// Takes the events of one flushed batch, in the order in which the attempts ended.
    func record(_ events: [JobEvent])
    /// Takes what was taken back from one lost worker in one queue.
    func recovered(_ recovery: Recovery)
}
