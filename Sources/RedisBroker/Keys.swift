import JobQueue

/// Every key's name. The braces keep a queue's keys in one slot of a Redis Cluster.
package struct Keys: Sendable {
    /// First part of every key.
    package let namespace: String

    package init(namespace: String) { self.namespace = namespace }

    /// SET of known queues.
    package var queues: String { "\(namespace):queues" }
    /// HASH with a lifetime: who a worker is.
    package func worker(_ id: String) -> String { "\(namespace):worker:\(id)" }

    package func of(_ queue: QueueName) -> QueueKeys {
        QueueKeys(prefix: namespace + ":{" + queue.description + "}:")
    }
}

/// The keys of one queue.
package struct QueueKeys: Sendable {
    private let prefix: String

    fileprivate init(prefix: String) { self.prefix = prefix }

    package var pending: String { prefix + "pending" }
    package var scheduled: String { prefix + "scheduled" }
    package var dead: String { prefix + "dead" }
    package var paused: String { prefix + "paused" }
    package var workers: String { prefix + "workers" }
    package var totals: String { prefix + "totals" }
    /// Where the jobs of one state lie, except the active ones, which lie with each worker.
    func container(of state: JobState) -> String {
        switch state {
        case .pending: pending
        case .scheduled: scheduled
        case .active, .dead: dead
        }
    }

    /// What stands before a worker's id.
    package var activePrefix: String { prefix + "active:" }
    package func active(_ worker: String) -> String { activePrefix + worker }
    package func unique(_ key: String) -> String { prefix + "unique:" + key }
    package func receipt(_ id: String) -> String { prefix + "ended:" + id }
    package func enqueued(_ id: String) -> String { prefix + "enqueued:" + id }
}

extension Keys {
    /// Whether `text` can be a namespace: `[A-Za-z0-9][A-Za-z0-9_.-]{0,63}`, so that keys of two
    /// namespaces cannot collide.
    package static func isNamespace(_ text: String) -> Bool {
        let allowed: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard let first = text.utf8.first, allowed(first), text.utf8.count <= 64 else {
            return false
        }
        return text.utf8.allSatisfy { allowed($0) || "_.-".utf8.contains($0) }
    }
}
