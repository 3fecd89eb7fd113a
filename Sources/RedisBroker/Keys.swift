import JobQueue

/// Every key's name. The braces keep a queue's keys in one slot of a Redis Cluster.
package struct Keys: Sendable {
    /// First part of every key.
    package let namespace: String
    /// Those of the queues that are worked on, which each claim and each outcome needs.
    private let known: [QueueName: QueueKeys]

    package init(namespace: String, queues: [QueueName] = []) {
        self.namespace = namespace
        known = Dictionary(
            queues.map { ($0, QueueKeys(of: $0, in: namespace, madeOnce: true)) },
            uniquingKeysWith: { $1 })
    }

    /// SET of known queues.
    package var queues: String { "\(namespace):queues" }
    /// HASH with a lifetime: who a worker is.
    package func worker(_ id: String) -> String { "\(namespace):worker:\(id)" }

    package func of(_ queue: QueueName) -> QueueKeys {
        known[queue] ?? QueueKeys(of: queue, in: namespace, madeOnce: false)
    }
}

/// The keys of one queue.
package struct QueueKeys: Sendable {
    private let prefix: String
    private let names: Names?

    /// - Parameter madeOnce: The names are made here, and not each time that one is asked for.
    fileprivate init(of queue: QueueName, in namespace: String, madeOnce: Bool) {
        prefix = namespace + ":{" + queue.description + "}:"
        names = madeOnce ? Names(prefix) : nil
    }

    package var pending: String { names?.pending ?? prefix + "pending" }
    package var scheduled: String { names?.scheduled ?? prefix + "scheduled" }
    package var dead: String { names?.dead ?? prefix + "dead" }
    package var paused: String { names?.paused ?? prefix + "paused" }
    package var workers: String { prefix + "workers" }
    /// HASH: how long each worker's lease lasts, ms.
    package var leases: String { prefix + "leases" }
    /// SET of the types of which jobs may wait aside.
    package var aside: String { prefix + "aside" }
    /// What stands before a type in the name of that list.
    package var asidePrefix: String { prefix + "aside:" }
    /// LIST of the jobs of a type that wait aside.
    package func aside(_ type: JobType) -> String { asidePrefix + type.description }
    package var totals: String { names?.totals ?? prefix + "totals" }

    /// What each claim and each outcome needs.
    private final class Names: Sendable {
        let pending: String
        let scheduled: String
        let dead: String
        let paused: String
        let totals: String

        init(_ prefix: String) {
            pending = prefix + "pending"
            scheduled = prefix + "scheduled"
            dead = prefix + "dead"
            paused = prefix + "paused"
            totals = prefix + "totals"
        }
    }

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
    package func imported(_ line: String) -> String { prefix + "imported:" + line }
    package var exporting: String { prefix + "exporting" }
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
