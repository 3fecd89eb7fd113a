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

/// `Wait`: until a job has ended whose end is kept.
package enum Wait: ControlMethod {
    package static let name = "Wait"

    package struct Parameters: ControlParameters, Equatable {
        package static let names = ["id", "queue", "timeout_ms"]
        package var id: String
        /// `nil`: the default one.
        package var queue: String?
        /// Milliseconds; `nil`: `standardTimeout`.
        package var timeout: Int64?

        package init(id: String, queue: String? = nil, timeout: Int64? = nil) {
            self.id = id
            self.queue = queue
            self.timeout = timeout
        }

        package enum CodingKeys: String, CodingKey {
            case id, queue
            case timeout = "timeout_ms"
        }
    }

    package struct Reply: Codable, Sendable, Equatable {
        /// `nil`: not yet.
        package var job: ControlJob?
        /// Without a job: whether its queue remembers the id. One that it does not remember may be gone.
        package var isRemembered: Bool?

        package init(job: ControlJob?, isRemembered: Bool? = nil) {
            self.job = job
            self.isRemembered = isRemembered
        }

        package enum CodingKeys: String, CodingKey {
            case job
            case isRemembered = "remembered"
        }
    }

    /// Milliseconds. A call must be over before the server's patience is (`ControlLimits.call`).
    package static let standardTimeout: Int64 = 20_000
    package static let timeouts: ClosedRange<Int64> = 0...25_000
}

/// One attempt that has ended.
package struct ControlAttempt: Codable, Sendable, Equatable {
    package var number: Int
    /// Unix milliseconds, like `endedAt`.
    package var startedAt: Int64
    package var endedAt: Int64
    /// `nil`: it did not fail.
    package var error: String?

    package init(number: Int, startedAt: Int64, endedAt: Int64, error: String? = nil) {
        self.number = number
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.error = error
    }

    package enum CodingKeys: String, CodingKey {
        case error
        case number = "attempt"
        case startedAt = "started_at_ms"
        case endedAt = "ended_at_ms"
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
    /// The last attempts that have ended, the latest last.
    package var history: [ControlAttempt]?
    /// Of a job that is done: when it ended.
    package var endedAt: Int64?
    /// Of a job that is done: what its handler left, JSON text.
    package var result: String?
    /// The result was longer than what is kept.
    package var isResultCut: Bool?

    package enum State: String, Codable, Sendable, CaseIterable {
        case pending, scheduled, active, dead, done
    }

    package init(state: State, queue: String, id: String? = nil) {
        self.state = state
        self.queue = queue
        self.id = id
    }

    package enum CodingKeys: String, CodingKey {
        case state, queue, id, type, attempts, lost, payload, raw, worker, history, result
        case maxAttempts = "max_attempts"
        case enqueuedAt = "enqueued_at_ms"
        case dueAt = "due_at_ms"
        case diedAt = "died_at_ms"
        case endedAt = "ended_at_ms"
        case lastError = "last_error"
        case leftOutBytes = "left_out_bytes"
        case isResultCut = "result_cut"
    }
}
