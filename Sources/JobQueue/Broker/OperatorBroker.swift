/// The operator's face: look, pause, and deal with the dead.
package protocol OperatorBroker: Sendable {
    /// Counts of every known queue.
    func stats() async throws -> BrokerStats
    /// The workers that hold a lease in any queue: the living before the lost, each by their ids. At most
    /// `WorkerInfo.listLimit` and one more, which tells that there are others.
    func workers() async throws -> [WorkerInfo]

    /// Stops every claim on these queues from now on, on every daemon.
    func pause(_ queues: [QueueName]) async throws
    /// Lets them go on.
    func resume(_ queues: [QueueName]) async throws

    /// The newest dead jobs of `queue` (`nil`: of all), at most `limit`. Of many large ones the payload is left
    /// out: see `RecordRoom`.
    func dead(in queue: QueueName?, limit: Int) async throws -> [JobRecord]
    /// Every record with this id, wherever it is. Of many large ones the payload is left out.
    func find(_ id: JobID) async throws -> [JobRecord]
    /// What is kept of the last end of a job with this id in `queue`, a `JobReceipt`, encoded; `nil`: nothing
    /// is kept, or not any more. Costs the same however many jobs there are.
    func receipt(of id: JobID, in queue: QueueName) async throws -> [UInt8]?
    /// Whether `queue` remembers that a job with this id was enqueued. Costs the same however many jobs there
    /// are.
    func remembers(_ id: JobID, in queue: QueueName) async throws -> Bool
    /// Puts dead jobs back to the tail of pending, their attempts counted anew.
    func requeue(_ selection: DeadSelection) async throws -> OperatorResult
    /// Drops dead, scheduled or pending jobs, and forgets their ids. With `.all`, dead jobs only.
    func delete(_ selection: DeadSelection) async throws -> OperatorResult

    /// Reads on behind `position` (`nil`: from the beginning): records of one queue and one state, in their
    /// order, of about `bytes` at most, or one that has more. What is active is passed over; what is claimed
    /// meanwhile may be.
    func exportJobs(behind position: ExportPosition?, bytes: Int) async throws -> ExportPage
    /// Puts jobs in as they were, each line once: attempts and times stay, pending ones come to the tail in
    /// order. After an error some may be in; it is safe to do again.
    ///
    /// - Returns: one result for each job.
    func importJobs(_ jobs: [ImportedJob]) async throws -> [ImportResult]
}

/// Which jobs an operator means.
package enum DeadSelection: Sendable, Equatable {
    case ids([JobID])
    /// All dead jobs, of one type when it is given.
    case all(type: JobType?)
}

/// What an operator's command did, by id; ids that were not found are in neither.
package struct OperatorResult: Sendable, Equatable {
    /// How many jobs were changed.
    package private(set) var count = 0
    /// Their ids, and those of jobs that stayed as they were: the first `listLimit` of each.
    package private(set) var changed: [String] = []
    package private(set) var refused: [Refusal] = []

    package static let listLimit = 4000

    package struct Refusal: Sendable, Equatable {
        package let id: String
        package let reason: String

        package init(id: String, reason: String) {
            self.id = id
            self.reason = reason
        }
    }

    package init() {}

    package mutating func change(_ id: String) {
        count += 1
        if changed.count < Self.listLimit { changed.append(id) }
    }

    package mutating func refuse(_ id: String, _ reason: String) {
        if refused.count < Self.listLimit { refused.append(Refusal(id: id, reason: reason)) }
    }

    /// Brings the ids into the order in which they were asked for.
    package mutating func sort(as ids: [JobID]) {
        let places = Dictionary(
            ids.enumerated().map { ($1.description, $0) }, uniquingKeysWith: { first, _ in first })
        changed.sort { places[$0, default: .max] < places[$1, default: .max] }
        refused.sort { places[$0.id, default: .max] < places[$1.id, default: .max] }
    }
}

/// One worker that holds a lease.
package struct WorkerInfo: Sendable, Equatable {
    package var id: String
    package var host: String?
    package var pid: Int?
    package var version: String?
    /// Unix milliseconds.
    package var startedAt: Int64?
    package var concurrency: Int?
    /// The queues it works on, sorted.
    package var queues: [String]
    /// Jobs it holds, over all queues.
    package var active: Int
    /// When its lease ends, Unix milliseconds by the broker's clock; negative time left: it is lost.
    package var leaseLeft: Duration

    package init(id: String, queues: [String], active: Int, leaseLeft: Duration) {
        self.id = id
        self.queues = queues
        self.active = active
        self.leaseLeft = leaseLeft
    }
}

extension WorkerInfo {
    /// So many are listed.
    package static let listLimit = 1000

    /// Those that are listed, and one more where there are others: the living before the lost.
    package static func listed(_ workers: some Sequence<WorkerInfo>) -> [WorkerInfo] {
        Array(
            workers.sorted {
                let isLost = ($0.leaseLeft < .zero, $1.leaseLeft < .zero)
                return isLost.0 == isLost.1 ? $0.id < $1.id : isLost.1
            }.prefix(listLimit + 1))
    }
}

/// The counts of all queues at one moment, each queue by itself.
package struct BrokerStats: Sendable, Equatable {
    package var queues: [QueueStats]
    /// There are more queues, which were left out.
    package var isCut = false

    package init(queues: [QueueStats], isCut: Bool = false) {
        self.queues = queues
        self.isCut = isCut
    }
}

/// One queue's counts.
package struct QueueStats: Sendable, Equatable {
    package let queue: QueueName
    package var pending = 0
    package var scheduled = 0
    package var active = 0
    package var dead = 0
    package var isPaused = false
    /// How many daemons work on it.
    package var workers = 0
    /// Since when the job at the head of pending waits there (see `PendingHead`), Unix milliseconds. `nil` when
    /// pending is empty.
    package var oldestPendingAt: Int64?
    /// Why the counts cannot be read; `nil`: they can.
    package var trouble: String?
    /// Ended well, moved to dead, put off for a retry, taken back from lost workers: since the queue
    /// exists, over all daemons.
    package var totals = Totals()

    package struct Totals: Sendable, Equatable {
        package var done = 0
        package var dead = 0
        package var retried = 0
        package var recovered = 0

        package init() {}
    }

    package init(queue: QueueName) { self.queue = queue }
}
