/// What follows an attempt. The envelopes are the records to be stored, already brought up to date.
/// Indirect, so that the most frequent of all, which has nothing to say, is small.
package indirect enum Outcome: Sendable, Equatable {
    /// Done: the record is dropped.
    case ack
    /// To `scheduled`, due `after` from now by the broker's clock.
    case retry(after: Duration, envelope: [UInt8])
    /// To `dead`.
    case deadLetter(envelope: [UInt8])
    /// Back to the head of `pending`, no attempt used.
    case release(envelope: [UInt8])
    /// It was not begun: the record goes back as it lies in the broker, as if it had not been claimed.
    case putBack(PutBack)
}

extension Outcome {
    /// The type whose jobs it joins that wait aside; `nil`: it does not go aside.
    package var typeAside: JobType? {
        if case .putBack(let place) = self { place.typeAside } else { nil }
    }

    /// Whether it goes to the head of a line.
    package var goesToHead: Bool {
        switch self {
        case .release, .putBack(.pending), .putBack(.asideFirst): true
        case .ack, .retry, .deadLetter, .putBack(.aside): false
        }
    }
}

/// Where a job goes that was claimed and not begun.
package enum PutBack: Sendable, Equatable {
    /// To the head of `pending`.
    case pending
    /// Aside, behind the jobs of its type that wait there.
    case aside(JobType)
    /// Aside, before them.
    case asideFirst(JobType)

    /// The type whose jobs it joins; `nil`: it does not go aside.
    package var typeAside: JobType? {
        switch self {
        case .pending: nil
        case .aside(let type), .asideFirst(let type): type
        }
    }
}

/// One job's outcome under its lease. Of an outcome with an empty envelope the record stays as it lies.
package struct Finish: Sendable {
    package let token: LeaseToken
    package let outcome: Outcome
    /// What few jobs have, apart from what all have; `nil`: nothing of it.
    private let more: More?
    /// It may have been sent before, and the answer lost, or refused halfway.
    package var isReplay = false

    private final class More: Sendable {
        let unique: UniqueKey?
        let receipt: KeptReceipt?

        init(_ unique: UniqueKey?, _ receipt: KeptReceipt?) {
            self.unique = unique
            self.receipt = receipt
        }
    }

    package init(
        token: LeaseToken, outcome: Outcome, unique: UniqueKey? = nil, receipt: KeptReceipt? = nil
    ) {
        self.token = token
        self.outcome = outcome
        more = unique == nil && receipt == nil ? nil : More(unique, receipt)
    }

    /// The unique key to give back when the job ends, and the job that holds it.
    package var unique: UniqueKey? { more?.unique }
    /// What is kept of a job that ends here.
    package var receipt: KeptReceipt? { more?.receipt }
    /// It acknowledges the job, and there is nothing else to it.
    package var isPlainAck: Bool { outcome == .ack && more == nil }
}

/// What came of a job, to be looked up by its id for a while. It is no job any more: nothing claims it,
/// and it may be there beside the dead letter that it tells of.
package struct KeptReceipt: Sendable, Equatable {
    package let id: JobID
    /// A `JobReceipt`, encoded.
    package let record: [UInt8]
    package let lifetime: Duration

    package init(id: JobID, record: [UInt8], lifetime: Duration) {
        self.id = id
        self.record = record
        self.lifetime = lifetime
    }
}

/// What became of one outcome that was to be written.
package enum FinishResult: Sendable, Equatable {
    case written
    /// The broker does not take a record of this size, so the job is where its outcome leads, with the record
    /// as it lay there: without what the attempt has changed in it. A job that was to be retried is dead.
    case leftAsItLay(bytes: Int)
    /// The lease was lost: the job belongs to another worker or has ended. Nothing was written.
    case refused
    /// The job is still this worker's; to be tried again. Its record may have been stored already, which
    /// the next try (`Finish.isReplay`) looks for.
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
