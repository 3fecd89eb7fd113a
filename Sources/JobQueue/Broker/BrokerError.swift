/// What a broker could not do.
public enum BrokerError: Error, Equatable, CustomStringConvertible {
    /// No answer. Nothing was done; trying again is safe.
    case unreachable(address: String, reason: String)
    /// The connection was lost after the request was sent: it may have been carried out or not.
    case outcomeUnknown(reason: String)
    /// `worker` was declared lost: what it claimed from `queue` belongs to others now.
    case leaseLost(worker: String, queue: String)
    /// The broker answered, and refused: full, read-only, a key of another type.
    case refused(reason: String)
    /// The job is not acceptable, and why.
    case invalid(reason: String)

    /// The broker answered, and refused this one request.
    package var isRefusal: Bool {
        if case .refused = self { true } else { false }
    }

    /// The line for a log: what failed and what to look at.
    public var description: String {
        switch self {
        case .unreachable(let address, let reason):
            "cannot reach the broker at \(address): \(reason)"
        case .outcomeUnknown(let reason):
            "the connection was lost before the answer came (\(reason)): the request may or may not "
                + "have been carried out; give the job an id of its own to be able to send it again"
        case .leaseLost(let worker, let queue):
            "worker \(worker) lost its lease in queue \(queue): it was silent for too long (was the "
                + "machine suspended, or is the lease too short?) or the broker's data is gone"
        case .refused(let reason): "the broker refused: \(reason)"
        case .invalid(let reason): reason
        }
    }
}

extension BrokerError {
    /// What became of many that were enqueued in parts: the first `count` of `all` are in.
    package func after(_ count: Int, of all: Int) -> BrokerError {
        let suffix = "; the first \(count) of \(all) jobs are in"
        return switch self {
        case .unreachable(let address, let reason):
            .unreachable(address: address, reason: reason + suffix)
        case .outcomeUnknown(let reason): .outcomeUnknown(reason: reason + suffix)
        case .refused(let reason): .refused(reason: reason + suffix)
        case .invalid(let reason): .invalid(reason: reason + suffix)
        case .leaseLost: self
        }
    }
}
