/// `ListDead`: the newest dead jobs.
package enum ListDead: ControlMethod {
    package static let name = "ListDead"

    package struct Parameters: ControlParameters, Equatable {
        package static let names = ["queue", "limit"]
        /// `nil`: of all queues.
        package var queue: String?
        /// At most so many; `nil`: `defaultLimit`.
        package var limit: Int?

        package init(queue: String? = nil, limit: Int? = nil) {
            self.queue = queue
            self.limit = limit
        }
    }

    package struct Reply: Codable, Sendable, Equatable {
        package var jobs: [ControlJob]
        /// There are others.
        package var more: Bool
    }

    package static let defaultLimit = 100
    package static let limits = 1...1000
}

/// `Show`: every record with an id.
package enum Show: ControlMethod {
    package static let name = "Show"

    package struct Parameters: ControlParameters, Equatable {
        package static let names = ["id"]
        package var id: String

        package init(id: String) { self.id = id }
    }

    package struct Reply: Codable, Sendable, Equatable {
        package var jobs: [ControlJob]
    }
}

/// One job's record. What is `nil` is not known.
package struct ControlJob: Codable, Sendable, Equatable {
    package var state: State
    package var queue: String
    package var id: String?
    package var type: String?
    /// Attempts made so far.
    package var attempts: Int?
    package var maxAttempts: Int?
    package var enqueuedAt: Int64?
    /// Of a scheduled job: when it may run.
    package var dueAt: Int64?
    /// Of a dead job: when it died.
    package var diedAt: Int64?
    /// Why the last attempt failed.
    package var lastError: String?
    /// How often a daemon was lost while it ran this job.
    package var lost: Int?
    /// The payload's JSON text.
    package var payload: String?
    /// The record in Base64, when it is no job's record.
    package var raw: String?
    /// How many bytes payload or raw have, when they are too many for the frame.
    package var leftOutBytes: Int?
    /// Of an active job: who runs it.
    package var worker: String?

    package enum State: String, Codable, Sendable, CaseIterable {
        case pending, scheduled, active, dead
    }

    package init(state: State, queue: String, id: String? = nil) {
        self.state = state
        self.queue = queue
        self.id = id
    }

    package enum CodingKeys: String, CodingKey {
        case state, queue, id, type, attempts, lost, payload, raw, worker
        case maxAttempts = "max_attempts"
        case enqueuedAt = "enqueued_at_ms"
        case dueAt = "due_at_ms"
        case diedAt = "died_at_ms"
        case lastError = "last_error"
        case leftOutBytes = "left_out_bytes"
    }
}
