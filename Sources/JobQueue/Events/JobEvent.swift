/// What happened to one attempt at a job. Metrics and log lines about jobs are made from these alone.
package struct JobEvent: Sendable, Equatable {
    /// How the attempt ended. Indirect, so that the most frequent of all, which has nothing to say, is
    /// small.
    package indirect enum Kind: Sendable, Equatable {
        /// Well: the job is over.
        case done
        /// It failed; the job is scheduled again, `after` from now.
        case retried(after: Duration, reason: String)
        /// The job was moved to dead.
        case dead(reason: String)
        /// The job went back to pending with no attempt used.
        case released(reason: String)
        /// It could not be begun on this machine at the moment, and waits: no attempt used.
        case putOff(after: Duration, reason: String)
        /// The outcome came too late: the lease was lost, and nothing was written.
        case refused
    }

    private let subject: Subject
    package let kind: Kind
    /// From when the job was due (enqueued, or scheduled for) to its start; `nil` when it was not
    /// started, or its producer did not say when it was enqueued.
    package let wait: Duration?
    /// How long the handler ran; `nil` when none did.
    package let run: Duration?

    /// An event of the attempt that `job` is.
    package init(_ job: Job, _ kind: Kind, wait: Duration? = nil, run: Duration? = nil) {
        self.init(.attempt(job), kind, wait: wait, run: run)
    }

    /// An event that holds no job: of one that could not be read, was never run, or is large.
    ///
    /// - Parameters:
    ///   - type: `nil` when the record had none that can be read.
    ///   - attempt: The last one that was made.
    package init(
        id: JobID, type: JobType?, queue: QueueName, attempt: Int, maxAttempts: Int, kind: Kind,
        wait: Duration? = nil, run: Duration? = nil
    ) {
        let facts = Facts(
            id: id, type: type, queue: queue, attempt: attempt, maxAttempts: maxAttempts)
        self.init(.facts(facts), kind, wait: wait, run: run)
    }

    private init(_ subject: Subject, _ kind: Kind, wait: Duration?, run: Duration?) {
        self.subject = subject
        self.kind = kind
        self.wait = wait
        self.run = run
    }

    /// The same attempt's end, come too late.
    package var refused: JobEvent { JobEvent(subject, .refused, wait: wait, run: run) }

    /// The same, when the job is dead instead.
    package func dead(reason: String) -> JobEvent {
        JobEvent(subject, .dead(reason: reason), wait: wait, run: run)
    }
}

// MARK: - Whom it is about

extension JobEvent {
    /// Both are references: events are collected and handed on.
    private enum Subject: Sendable {
        case attempt(Job)
        case facts(Facts)
    }

    private final class Facts: Sendable {
        let id: JobID
        let type: JobType?
        let queue: QueueName
        let attempt: Int
        let maxAttempts: Int

        init(id: JobID, type: JobType?, queue: QueueName, attempt: Int, maxAttempts: Int) {
            self.id = id
            self.type = type
            self.queue = queue
            self.attempt = attempt
            self.maxAttempts = maxAttempts
        }
    }

    package var id: JobID {
        switch subject {
        case .attempt(let job): job.id
        case .facts(let facts): facts.id
        }
    }

    /// `nil` when the record had none that can be read.
    package var type: JobType? {
        switch subject {
        case .attempt(let job): job.type
        case .facts(let facts): facts.type
        }
    }

    package var queue: QueueName {
        switch subject {
        case .attempt(let job): job.queue
        case .facts(let facts): facts.queue
        }
    }

    /// The number of this attempt, counted from 1; 0: there was none yet.
    package var attempt: Int {
        switch subject {
        case .attempt(let job): job.attempt
        case .facts(let facts): facts.attempt
        }
    }

    package var maxAttempts: Int {
        switch subject {
        case .attempt(let job): job.maxAttempts
        case .facts(let facts): facts.maxAttempts
        }
    }

    package static func == (left: JobEvent, right: JobEvent) -> Bool {
        left.kind == right.kind && left.wait == right.wait && left.run == right.run
            && left.id == right.id && left.type == right.type && left.queue == right.queue
            && left.attempt == right.attempt && left.maxAttempts == right.maxAttempts
    }
}

/// Hears what becomes of jobs. Called on the path of every job: it must neither block nor wait.
package protocol JobEventRecorder: Sendable {
    /// Takes the events of one flushed batch, in the order in which the attempts ended.
    func record(_ events: [JobEvent])
    /// Takes what was taken back from one lost worker in one queue.
    func recovered(_ recovery: Recovery)
    /// Takes how many dead letters of a queue were dropped in one round, because of their number or age.
    func trimmed(_ count: Int, of queue: QueueName)
}
