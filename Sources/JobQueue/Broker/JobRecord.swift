/// Where a job's record lies.
package enum JobState: String, Sendable, CaseIterable {
    case pending, scheduled, active, dead

    /// In which order an operator sees the records of one job.
    package var rank: Int {
        switch self {
        case .active: 0
        case .pending: 1
        case .scheduled: 2
        case .dead: 3
        }
    }
}

/// One job's record as an operator sees it.
package struct JobRecord: Sendable, Equatable {
    package let queue: QueueName
    package let state: JobState
    /// The record's bytes as they lie in the broker, or the beginning of them.
    package let envelope: [UInt8]
    /// How many bytes the record has of which this is the beginning; `nil`: it is whole.
    package let wholeSize: Int?
    /// How many bytes of payload, or of what is no envelope, were taken out to save memory; 0: none.
    package private(set) var leftOutBytes = 0
    /// `scheduled`: when it is due. `dead`: when it died. Unix milliseconds.
    package let time: Int64?
    /// `active`: who runs it, under which token.
    package let worker: String?
    package let token: UInt64?

    package init(
        queue: QueueName, state: JobState, envelope: [UInt8], wholeSize: Int? = nil,
        time: Int64? = nil, worker: String? = nil, token: UInt64? = nil
    ) {
        self.queue = queue
        self.state = state
        self.envelope = envelope
        self.wholeSize = wholeSize
        self.time = time
        self.worker = worker
        self.token = token
    }

    init(_ other: JobRecord, envelope: [UInt8], leftOutBytes: Int) {
        self = JobRecord(
            queue: other.queue, state: other.state, envelope: envelope, wholeSize: other.wholeSize,
            time: other.time, worker: other.worker, token: other.token)
        self.leftOutBytes = leftOutBytes
    }
}

extension JobRecord {
    /// The id that an active job without one of its own has by its first claim.
    package var idOfFirstClaim: JobID? {
        guard let worker = worker.flatMap({ WorkerID($0) }), let token else { return nil }
        return JobID(firstClaim: LeaseToken(worker: worker, queue: queue, number: token))
    }
}
