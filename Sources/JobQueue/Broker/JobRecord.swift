/// Where a job's record lies.
package enum JobState: String, Sendable, CaseIterable {
    case pending, scheduled, active, dead
}

/// One job's record as an operator sees it.
package struct JobRecord: Sendable, Equatable {
    package let queue: QueueName
    package let state: JobState
    /// The record's bytes as they lie in the broker.
    package let envelope: [UInt8]
    /// `scheduled`: when it is due. `dead`: when it died. Unix milliseconds.
    package let time: Int64?
    /// `active`: who runs it, under which token.
    package let worker: String?
    package let token: UInt64?

    package init(
        queue: QueueName, state: JobState, envelope: [UInt8], time: Int64? = nil,
        worker: String? = nil, token: UInt64? = nil
    ) {
        self.queue = queue
        self.state = state
        self.envelope = envelope
        self.time = time
        self.worker = worker
        self.token = token
    }
}

extension JobRecord {
    /// The id that an active job without one of its own has by its first claim.
    package var idOfFirstClaim: JobID? {
        guard let worker = worker.flatMap({ WorkerID($0) }), let token else { return nil }
        return JobID(firstClaim: LeaseToken(worker: worker, queue: queue, number: token))
    }
}
