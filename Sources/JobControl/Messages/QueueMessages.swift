/// `GetStats`: the counts of every queue.
package enum GetStats: ControlMethod {
    package typealias Parameters = NoParameters
    package typealias Reply = ControlStats
    package static let name = "GetStats"
}

/// The counts of every queue, and what became of jobs in all of them together.
package struct ControlStats: Codable, Sendable, Equatable {
    package var queues: [QueueCounts]
    package var totals: ControlTotals
    /// There are more queues, which were left out; `nil`: these are all.
    package var more: Bool?

    package init(queues: [QueueCounts], totals: ControlTotals, more: Bool? = nil) {
        self.queues = queues
        self.totals = totals
        self.more = more
    }
}

/// The counts of one queue at one moment.
package struct QueueCounts: Codable, Sendable, Equatable {
    package var queue: String
    package var pending = 0
    package var scheduled = 0
    package var active = 0
    package var dead = 0
    package var isPaused = false
    /// How many daemons work on it; `nil`: it was not told.
    package var workers: Int?
    /// Since when the job at the head of pending has been due; `nil`: pending is empty.
    package var oldestPendingAt: Int64?
    /// Why the counts cannot be read; `nil`: they can.
    package var trouble: String?

    package init(queue: String) { self.queue = queue }

    package enum CodingKeys: String, CodingKey {
        case queue, pending, scheduled, active, dead, trouble, workers
        case isPaused = "paused"
        case oldestPendingAt = "oldest_pending_at_ms"
    }
}

/// What became of jobs since the queue exists, over all daemons.
package struct ControlTotals: Codable, Sendable, Equatable {
    package var done: Int
    package var dead: Int
    package var retried: Int
    package var recovered: Int

    package init(done: Int = 0, dead: Int = 0, retried: Int = 0, recovered: Int = 0) {
        self.done = done
        self.dead = dead
        self.retried = retried
        self.recovered = recovered
    }

    /// Adds those of another queue. Anybody can write absurd ones into the broker: where a sum is out
    /// of range, it is the end of the range.
    package mutating func add(_ other: ControlTotals) {
        done = done.addingSaturated(other.done)
        dead = dead.addingSaturated(other.dead)
        retried = retried.addingSaturated(other.retried)
        recovered = recovered.addingSaturated(other.recovered)
    }
}

extension Int {
    /// The sum, or the end of the range where it is out of range.
    func addingSaturated(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }
}

/// `GetQueues`: every known queue.
package enum GetQueues: ControlMethod {
    package typealias Parameters = NoParameters
    package static let name = "GetQueues"

    package struct Reply: Codable, Sendable, Equatable {
        package var queues: [ControlQueue]
    }
}

/// A queue, who works on it and what it has seen.
package struct ControlQueue: Codable, Sendable, Equatable {
    package var queue: String
    package var isPaused: Bool
    /// How many daemons work on it.
    package var workers: Int
    package var totals: ControlTotals

    package init(queue: String, isPaused: Bool, workers: Int, totals: ControlTotals) {
        self.queue = queue
        self.isPaused = isPaused
        self.workers = workers
        self.totals = totals
    }

    package enum CodingKeys: String, CodingKey {
        case queue, workers, totals
        case isPaused = "paused"
    }
}

/// `Pause`: no claim from these queues any more.
package enum Pause: ControlMethod {
    package typealias Parameters = QueueNames
    package typealias Reply = QueueNames
    package static let name = "Pause"
}

/// `Resume`: takes `Pause` back.
package enum Resume: ControlMethod {
    package typealias Parameters = QueueNames
    package typealias Reply = QueueNames
    package static let name = "Resume"
}

/// Some queues. In a call, none means every known queue.
package struct QueueNames: ControlParameters, Equatable {
    package static let names = ["queues"]
    package var queues: [String]?

    package init(queues: [String]) { self.queues = queues }
}
