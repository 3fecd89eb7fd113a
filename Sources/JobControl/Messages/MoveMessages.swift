/// `Export`: the records of all jobs that do not run, page by page.
package enum Export: ControlMethod {
    package static let name = "Export"

    package struct Parameters: ControlParameters, Equatable {
        package static let names = ["after"]
        /// `next` of the page before; `nil`: from the beginning.
        package var after: String?

        package init(after: String? = nil) { self.after = after }
    }

    package struct Reply: Codable, Sendable, Equatable {
        package var jobs: [MovedJob]
        /// `nil`: this was the last page.
        package var next: String?
        /// The ids of jobs that fit into no frame.
        package var leftOut: [String]

        package init(jobs: [MovedJob], next: String?) {
            self.jobs = jobs
            self.next = next
            leftOut = []
        }

        package enum CodingKeys: String, CodingKey {
            case jobs, next
            case leftOut = "left_out"
        }

        /// The page as it fits into a frame: only a job that is alone on its page can be too large.
        func fitting(_ limit: Int) -> Reply {
            guard jobs.count == 1, let job = jobs.first, job.size > limit - 1024 else {
                return self
            }
            var reply = self
            reply.jobs = []
            reply.leftOut.append(job.id)
            return reply
        }
    }

    /// How many bytes the records of one page have, in which each byte may take two.
    package static let pageBytes = ControlLimits.standardFrame / 4
}

/// `Import`: puts jobs in as an export has given them.
package enum Import: ControlMethod {
    package static let name = "Import"

    package struct Parameters: ControlParameters, Equatable {
        package static let names = ["jobs"]
        package var jobs: [MovedJob]

        package init(jobs: [MovedJob]) { self.jobs = jobs }
    }

    package struct Reply: Codable, Sendable, Equatable {
        /// How many were put in.
        package var imported = 0
        /// How many lines were imported before.
        package var known = 0
        package var refused: [ControlChange.Unchanged] = []

        package init() {}

        /// Adds what a further call did.
        mutating func add(_ other: Reply) {
            imported += other.imported
            known += other.known
            refused += other.refused
        }
    }

    /// The most jobs of one call.
    package static let countLimit = 1000
}

/// A job on its way from one broker to another: one line of an exported file.
package struct MovedJob: Codable, Sendable, Equatable {
    /// The job's own id, or one that it was given for the way.
    package var id: String
    package var queue: String
    /// Not active.
    package var state: ControlJob.State
    /// When a scheduled job is due, when a dead one died: Unix milliseconds.
    package var time: Int64?
    /// Which of the equal lines of its export it is, from 1.
    package var copy: Int?
    /// The record as it lies in the broker, byte for byte.
    package var record: String?
    /// The same in Base64, where it is no text or a long one.
    package var raw: String?

    package init(id: String, queue: String, state: ControlJob.State, time: Int64?) {
        self.id = id
        self.queue = queue
        self.state = state
        self.time = time
    }

    package enum CodingKeys: String, CodingKey {
        case id, queue, state, record, raw, copy
        case time = "time_ms"
    }

    /// A longer record goes as Base64, which takes no more than a third more.
    package static let textLimit = ControlLimits.standardFrame / 4

    /// At most so many bytes it takes as JSON.
    var size: Int { 256 + JobsInFrame.size(of: [id, queue, record, raw]) }
}
