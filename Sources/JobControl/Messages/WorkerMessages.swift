/// `GetWorkers`: every running daemon.
package enum GetWorkers: ControlMethod {
    package typealias Parameters = NoParameters
    package static let name = "GetWorkers"

    package struct Reply: Codable, Sendable, Equatable {
        package var workers: [ControlWorker]
        /// There are more, which were left out; `nil`: these are all.
        package var more: Bool?

        package init(workers: [ControlWorker], more: Bool? = nil) {
            self.workers = workers
            self.more = more
        }
    }
}

/// One running daemon.
package struct ControlWorker: Codable, Sendable, Equatable {
    package var id: String
    package var host: String?
    package var processID: Int?
    package var version: String?
    package var startedAt: Int64?
    package var concurrency: Int?
    /// The queues that it works on.
    package var queues: [String]
    /// Jobs that it holds.
    package var active: Int
    /// Milliseconds; negative: it is lost.
    package var leaseLeft: Int64

    package init(id: String, queues: [String], active: Int, leaseLeft: Int64) {
        self.id = id
        self.queues = queues
        self.active = active
        self.leaseLeft = leaseLeft
    }

    package enum CodingKeys: String, CodingKey {
        case id, host, version, concurrency, queues, active
        case processID = "pid"
        case startedAt = "started_at_ms"
        case leaseLeft = "lease_left_ms"
    }
}

/// `Drain`: the daemon claims no more, finishes what it runs, and ends.
package enum Drain: ControlMethod {
    package typealias Parameters = NoParameters
    package typealias Reply = DrainReply
    package static let name = "Drain"
}

/// `Reload`: reads this daemon's configuration anew.
package enum Reload: ControlMethod {
    package typealias Parameters = NoParameters
    package static let name = "Reload"

    package struct Reply: Codable, Sendable, Equatable {
        /// `false`: what held before still holds.
        package var isReloaded: Bool
        /// All that is wrong with it, a line each.
        package var errors: [String]
        /// What an administrator should know all the same, a line each.
        package var warnings: [String]

        package init(isReloaded: Bool, errors: [String], warnings: [String]) {
            self.isReloaded = isReloaded
            self.errors = errors
            self.warnings = warnings
        }

        package enum CodingKeys: String, CodingKey {
            case errors, warnings
            case isReloaded = "reloaded"
        }
    }
}

/// `Check`: reads this daemon's configuration as `Reload` does, and lets nothing of it hold.
package enum Check: ControlMethod {
    package typealias Parameters = NoParameters
    package static let name = "Check"

    package struct Reply: Codable, Sendable, Equatable {
        /// All that is wrong with it, a line each; none: it is good.
        package var errors: [String]
        /// What an administrator should know all the same, a line each.
        package var warnings: [String]

        package init(errors: [String], warnings: [String]) {
            self.errors = errors
            self.warnings = warnings
        }
    }
}

/// A drain has begun.
package struct DrainReply: Codable, Sendable, Equatable {
    /// Jobs that the daemon still runs.
    package var running: Int
    /// How long they have, in milliseconds, before they are released.
    package var timeout: Int64

    package init(running: Int, timeout: Int64) {
        self.running = running
        self.timeout = timeout
    }

    package enum CodingKeys: String, CodingKey {
        case running
        case timeout = "timeout_ms"
    }
}
