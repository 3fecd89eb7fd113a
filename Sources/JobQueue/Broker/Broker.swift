/// The port to whatever keeps the jobs. Nobody but a broker changes a job's state.
///
/// Its faces are narrow: one for the worker, one for producers, one for upkeep, one for the operator.
package typealias Broker = WorkerBroker & Producer & UpkeepBroker & OperatorBroker

/// The worker's face. Every call is safe to repeat after an error.
package protocol WorkerBroker: Sendable {
    /// Takes up to `count` jobs from the head of a line of `queue` under this worker's lease.
    ///
    /// Waits for as long as the broker is out of reach. Jobs of a claim whose answer was lost on the
    /// way are put back to the head of pending, untouched, without a call.
    func claim(
        _ count: Int, from queue: QueueName, _ source: ClaimSource
    ) async throws -> ClaimReply

    /// Some of the types of which jobs may wait aside, about 100 for each of this worker's queues.
    /// The next call goes on behind them, and begins again at the end. Fails when the broker is out of
    /// reach.
    func typesAside() async throws -> [QueueName: [JobType]]

    /// Writes outcomes, each only if its lease still stands. Waits for as long as the broker is out
    /// of reach, and writes again what may not have been written.
    ///
    /// - Returns: what became of each element of `batch`. Throws when nothing was written, for a
    ///   reason that is not one queue's own.
    func finish(_ batch: [Finish]) async throws -> [FinishResult]

    /// Keeps the leases of all queues for another lease. Waits for as long as the broker is out of
    /// reach. Throws `BrokerError.leaseLost`.
    func heartbeat() async throws

    /// Suspends until `queue` may have something to claim: it is not empty, or a while has passed
    /// where that cannot be known (a paused queue).
    ///
    /// - Parameter count: Up to so many jobs may come along, as if claimed, where that is quicker than
    ///   `claim`. 0: none may. What came along when the task was cancelled is given back by `retire`.
    /// - Returns: What came along; without any job and with more to come, that `claim` should be asked.
    func waitForWork(in queue: QueueName, claiming count: Int) async throws -> ClaimReply

    /// Takes a new identity after `worker` lost its lease. What was claimed before stays under the
    /// old one.
    ///
    /// - Returns: `false` when that was done before.
    func renewIdentity(after worker: String) async -> Bool

    /// Gives back what is left under this identity and signs off; the last call of a drain.
    func retire() async throws

    /// The time of a drain is over: whatever still awaits an answer fails soon, and nothing more is
    /// asked for.
    func abandon() async
}

extension WorkerBroker {
    /// Takes up to `count` jobs from the head of pending.
    package func claim(_ count: Int, from queue: QueueName) async throws -> ClaimReply {
        try await claim(count, from: queue, .pending)
    }

    /// Suspends until `queue` may have something to claim; nothing comes along.
    package func waitForWork(in queue: QueueName) async throws {
        _ = try await waitForWork(in: queue, claiming: 0)
    }

    /// Where no answer is long in coming there is nothing to do.
    package func abandon() async {}
}

/// The producers' face.
public protocol Producer: Sendable {
    /// Puts jobs in, in order. Answered means kept.
    ///
    /// After an error some of them may have been taken in (`BrokerError.outcomeUnknown` says so when
    /// it is not known). Jobs with an id of their own can be sent again without being doubled.
    ///
    /// - Returns: one result for each job.
    func enqueue(_ jobs: [NewJob]) async throws -> [EnqueueResult]
}

/// What became of one enqueue.
public enum EnqueueResult: Sendable, Equatable {
    /// Taken in under this id.
    case enqueued(JobID)
    /// A job with this id was taken in by an earlier call, and may have ended since: nothing was added.
    case known(JobID)
    /// Another job holds the unique key: nothing was added.
    case duplicate(holder: JobID)

    /// The id of the job that was taken in, now or before.
    public var id: JobID {
        switch self {
        case .enqueued(let id), .known(let id), .duplicate(let id): id
        }
    }
}

/// What any daemon does for all of them.
package protocol UpkeepBroker: Sendable {
    /// Moves due jobs of `queue` from scheduled to pending, one slice, and forgets what the broker has
    /// remembered for long enough.
    ///
    /// - Returns: how many moved, and how long until there is more to do (`nil`: none is scheduled).
    func promoteDue(in queue: QueueName) async throws -> (moved: Int, nextDue: Duration?)

    /// Looks for workers of `queue` whose lease has ended, and moves what they held back to the head
    /// of pending.
    func recover(in queue: QueueName) async throws -> RecoveryRound

    /// Takes back at once what a worker held that is known to be gone: this instance before it was
    /// started again.
    func recoverFormerSelf(_ worker: WorkerID) async throws -> [Recovery]

    /// Drops the oldest dead letters of `queue` beyond `limits`, one slice. Ids that are remembered and
    /// receipts stay as they are; unique keys were given back when the jobs died.
    func trimDead(in queue: QueueName, to limits: DeadLimits) async throws -> TrimmedSlice
}

/// One look at the workers of a queue.
package struct RecoveryRound: Sendable, Equatable {
    package var recoveries: [Recovery] = []
    /// How long until the next lease ends if nobody keeps it; `nil`: nobody holds one.
    package let nextLook: Duration?
    /// What was refused of one lost worker; all others were dealt with.
    package var failure: BrokerError?

    package init(nextLook: Duration?) { self.nextLook = nextLook }
}

/// What was recovered from one lost worker in one queue.
package struct Recovery: Sendable, Equatable {
    package let worker: String
    package let queue: QueueName
    /// Jobs that went back to pending.
    package let jobs: Int

    package init(worker: String, queue: QueueName, jobs: Int) {
        self.worker = worker
        self.queue = queue
        self.jobs = jobs
    }
}
