/// What keeps queues from being worked on.
struct QueueTroubles {
    /// What a worker does with a queue, as it is called in the log.
    enum Action: String {
        case claim = "claim from"
        case wait = "wait for work in"
        case write = "write outcomes of"
    }

    private var reasons: [QueueName: [Action: String]] = [:]

    /// One reason for each queue that is in trouble.
    var all: [QueueName: String] {
        reasons.compactMapValues { $0[.write] ?? $0[.claim] ?? $0[.wait] }
    }

    func hasTrouble(_ action: Action, _ queue: QueueName) -> Bool {
        reasons[queue]?[action] != nil
    }

    /// - Returns: whether this is new, and not what was met the last time as well.
    mutating func note(_ reason: String, _ action: Action, _ queue: QueueName) -> Bool {
        reasons[queue, default: [:]].updateValue(reason, forKey: action) != reason
    }

    mutating func clear(_ action: Action, _ queue: QueueName) {
        guard reasons[queue] != nil else { return }
        reasons[queue]?[action] = nil
    }
}
