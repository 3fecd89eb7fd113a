/// What follows an attempt. The envelopes are the records to be stored, already brought up to date.
package enum Outcome: Sendable, Equatable {
    /// Done: the record is dropped.
    case ack
    /// To `scheduled`, due `after` from now by the broker's clock.
    case retry(after: Duration, envelope: [UInt8])
    /// To `dead`.
    case deadLetter(envelope: [UInt8])
    /// Back to the head of `pending`, no attempt used.
    case release(envelope: [UInt8])
}

/// One job's outcome under its lease.
package struct Finish: Sendable {
    package let token: LeaseToken
    package let outcome: Outcome
    /// The unique key to give back when the job ends, and the job that holds it.
    package let unique: UniqueKey?
    /// It may have been sent before, and the answer lost.
    package var isReplay = false

    package init(token: LeaseToken, outcome: Outcome, unique: UniqueKey? = nil) {
        self.token = token
        self.outcome = outcome
        self.unique = unique
    }
}

/// What became of one outcome that was to be written.
package enum FinishResult: Sendable, Equatable {
    case written
    /// The lease was lost: the job belongs to another worker or has ended. Nothing was written.
    case refused
    /// Nothing was written, and the job is still this worker's; to be tried again.
    case failed(BrokerError)
}

/// A unique key and the job that holds it.
package struct UniqueKey: Sendable, Equatable {
    package let key: String
    package let holder: JobID

    package init(key: String, holder: JobID) {
        self.key = key
        self.holder = holder
    }
}
