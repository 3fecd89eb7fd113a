import JobControl
import JobQueue

/// Between the domain's values and those of the control protocol.
extension QueueCounts {
    init(_ stats: QueueStats) {
        self.init(queue: stats.queue.description)
        pending = stats.pending
        scheduled = stats.scheduled
        active = stats.active
        dead = stats.dead
        isPaused = stats.isPaused
        workers = stats.trouble == nil ? stats.workers : nil
        oldestPendingAt = stats.oldestPendingAt
        trouble = stats.trouble
    }
}

extension ControlTotals {
    init(_ totals: QueueStats.Totals) {
        self.init(
            done: totals.done, dead: totals.dead, retried: totals.retried,
            recovered: totals.recovered)
    }
}

extension ControlWorker {
    init(_ info: WorkerInfo) {
        self.init(
            id: info.id, queues: info.queues, active: info.active,
            leaseLeft: info.leaseLeft.wholeMilliseconds)
        host = info.host
        processID = info.pid
        version = info.version
        startedAt = info.startedAt
        concurrency = info.concurrency
    }
}

extension ControlJob {
    /// A record is shown whole, whatever its size was allowed to be when it came.
    init(_ record: JobRecord) {
        self.init(state: State(record.state), queue: record.queue.description)
        worker = record.worker
        if record.state == .scheduled { dueAt = record.time }
        if record.state == .dead { diedAt = record.time }
        // What is no envelope is a record of the dead-letter queue, or raw bytes that wait for that.
        if let envelope = try? Envelope(record.envelope, maxPayload: Self.anySize) {
            set(envelope, of: record)
        } else if let undecodable = UndecodableRecord(decoding: record.envelope) {
            id = undecodable.id.description
            lastError = undecodable.lastError
            if let all = undecodable.all { leftOutBytes = all.size }
            raw = undecodable.raw.isEmpty ? nil : Self.base64(undecodable.raw)
        } else {
            raw = Self.base64(record.envelope)
            leftOutBytes = record.wholeSize
        }
        if record.leftOutBytes > 0 {
            leftOutBytes = record.leftOutBytes
            payload = nil
        }
    }

    /// A job that has ended, by what is kept of it.
    init(_ receipt: JobReceipt, in queue: QueueName) {
        // The same as of a dead letter, but for what a success has beside.
        self.init(
            JobRecord(
                queue: queue, state: .dead, envelope: receipt.envelope, time: receipt.endedAt))
        guard receipt.end == .done else { return }
        self.state = .done
        diedAt = nil
        endedAt = receipt.endedAt
        attempts = receipt.attempt
        result = receipt.result?.text
        if receipt.isResultCut { isResultCut = true }
        if let startedAt = receipt.startedAt {
            history =
                (history ?? []) + [
                    ControlAttempt(
                        number: receipt.attempt, startedAt: startedAt, endedAt: receipt.endedAt)
                ]
        }
    }

    private mutating func set(_ envelope: Envelope, of record: JobRecord) {
        id = (envelope.id ?? record.idOfFirstClaim)?.description
        type = envelope.type.description
        attempts = envelope.attempts
        maxAttempts = envelope.maxAttempts
        enqueuedAt = envelope.enqueuedAt
        lastError = envelope.lastError
        lost = envelope.lost
        payload = envelope.payload.text
        let failures = envelope.failures.attempts
        if !failures.isEmpty { history = failures.map(ControlAttempt.init) }
    }

    private static let anySize = Int.max / 2

    private static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        Base64.encode(bytes, into: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

extension ControlAttempt {
    init(_ attempt: FailedAttempt) {
        self.init(
            number: attempt.number, startedAt: attempt.startedAt, endedAt: attempt.endedAt,
            error: attempt.reason)
    }
}

extension NewJob {
    init(_ order: EnqueueOrder) throws(ControlError) {
        guard let type = JobType(order.type) else {
            throw .invalidJob(reason: "'\(order.type)' is no name of a job type")
        }
        self.init(type: type, payload: Payload(Array((order.payload ?? "null").utf8)))
        if let name = order.queue {
            guard let queue = QueueName(name) else {
                throw .invalidJob(reason: "'\(name)' is no name of a queue")
            }
            self.queue = queue
        }
        if let text = order.id {
            guard let id = JobID(text) else { throw .invalidJob(reason: "'\(text)' is no job id") }
            self.id = id
        }
        if let delay = order.delay { start = .after(.milliseconds(delay)) }
        if let time = order.startAt { start = .at(unixMilliseconds: time) }
        uniqueKey = order.uniqueKey
        maxAttempts = order.maxAttempts
        timeout = order.timeout.map { .milliseconds($0) }
        retention = order.retention.map { .milliseconds($0) }
        remember = order.remember.map { .milliseconds($0) }
        headers = order.headers ?? [:]
    }
}

extension EnqueuedJob {
    init(_ result: EnqueueResult) {
        switch result {
        case .enqueued(let id): self.init(id: id.description)
        case .known(let id): self.init(id: id.description, isKnown: true)
        case .duplicate(let id): self.init(id: id.description, isDuplicate: true)
        }
    }
}

extension DeadSelection {
    /// An id that cannot be one is left out: it is not found.
    init(_ selection: ControlSelection) throws(ControlError) {
        switch selection {
        case .ids(let ids): self = .ids(ids.compactMap { JobID($0) })
        case .all(nil): self = .all(type: nil)
        case .all(let name?):
            guard let type = JobType(name) else { throw .invalidParameter("type") }
            self = .all(type: type)
        }
    }
}

extension ControlChange {
    init(_ result: OperatorResult, of selection: ControlSelection) {
        self.init(
            count: result.count, changed: result.changed,
            unchanged: result.refused.map { Unchanged(id: $0.id, reason: $0.reason) },
            of: selection)
    }
}

extension LogRecord {
    /// The line about something that happened on the control socket.
    init(_ incident: ControlIncident) {
        let id: MessageID? = if case .accessRefused = incident { .accessRefused } else { nil }
        self.init(level: .warning, messageID: id, message: incident.description)
    }
}
