/// A worker's right to one active job: names one entry of `active:<worker>` in one queue, for ever. A
/// class, so that handing it on does not touch the names, which all jobs of a worker have in common: two
/// processors would take them from each other.
package final class LeaseToken: Hashable, Sendable {
    package let worker: WorkerID
    package let queue: QueueName
    /// The worker's own counter.
    package let number: UInt64

    package init(worker: WorkerID, queue: QueueName, number: UInt64) {
        self.worker = worker
        self.queue = queue
        self.number = number
    }

    package static func == (left: LeaseToken, right: LeaseToken) -> Bool {
        left.number == right.number && left.queue == right.queue && left.worker == right.worker
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

extension JobID {
    /// The id of a job that came without one: the same for each reader of that claim.
    package init(firstClaim lease: LeaseToken) {
        self.init(known: "\(lease.worker)-\(lease.number)")
    }

    /// Whether it has the form of an id that a claim gives.
    package var isOfClaim: Bool {
        let parts = description.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].utf8.count == WorkerID.length
            && WorkerID(parts[0]) != nil && UInt64(parts[1]) != nil
    }
}

/// One claimed job: the record as it lay in the broker, not yet looked at.
package struct Claim: Sendable {
    package let token: LeaseToken
    package let envelope: [UInt8]
    /// Of all bytes of a record that is too large to be a job's, and of which `envelope` is the beginning; `nil`: it
    /// is whole.
    package let all: RecordDigest?

    /// A record of more bytes is not handed over whole: no envelope has as many.
    package static let largest = 4 << 20
    /// Of such a record so much is handed over.
    package static let beginning = 64 << 10

    package init(token: LeaseToken, envelope: [UInt8], all: RecordDigest? = nil) {
        self.token = token
        self.envelope = envelope
        self.all = all
    }
}

/// A line of jobs in a queue. All jobs in one are pending.
package enum ClaimSource: Sendable, Hashable {
    case pending
    /// Jobs of this type that wait aside, because their handler runs as many as it may.
    case aside(JobType)
}

/// What a claim brought, and what its line has left.
package struct ClaimReply: Sendable {
    package enum Rest: Sendable, Equatable {
        /// There may be more: as many came as were asked for, or as fit into one reply.
        case more
        /// The line was empty afterwards.
        case empty
        /// The queue is paused; nothing was claimed.
        case paused
    }

    package let claims: [Claim]
    package let rest: Rest

    package init(claims: [Claim], rest: Rest) {
        self.claims = claims
        self.rest = rest
    }

    /// Nothing was claimed, and there may be something.
    package static let notAsked = ClaimReply(claims: [], rest: .more)
}
