import JobControl

/// Answers of a daemon, with all that they can hold.
enum Sample {
    /// "Now" of whatever is told relative to it: 2026-01-31T08:30:00Z.
    static let now: Int64 = 1_769_848_200_000

    static let stats: ControlStats = {
        var mail = QueueCounts(queue: "mail")
        mail.pending = 1_234
        mail.scheduled = 5
        mail.active = 2
        mail.oldestPendingAt = now - 192_000
        var reports = QueueCounts(queue: "reports")
        reports.dead = 3
        reports.isPaused = true
        return ControlStats(
            queues: [mail, reports],
            totals: ControlTotals(done: 10_000, dead: 3, retried: 21, recovered: 1))
    }()

    static let queues = [
        ControlQueue(
            queue: "mail", isPaused: false, workers: 2,
            totals: ControlTotals(done: 9_990, dead: 0, retried: 20, recovered: 1)),
        ControlQueue(
            queue: "reports", isPaused: true, workers: 0,
            totals: ControlTotals(done: 10, dead: 3, retried: 1)),
    ]

    static let workers: [ControlWorker] = {
        var known = ControlWorker(
            id: "w1", queues: ["mail", "reports"], active: 2, leaseLeft: 14_000)
        known.host = "box"
        known.processID = 4_242
        known.version = "0.1.0"
        known.startedAt = now - 90_061_000
        known.concurrency = 10
        return [known, ControlWorker(id: "w2", queues: ["mail"], active: 0, leaseLeft: -1)]
    }()

    /// A dead job of which everything is known.
    static func deadJob(_ id: String = "j1", error: String = "out of luck") -> ControlJob {
        var job = ControlJob(state: .dead, queue: "mail", id: id)
        job.type = "email:welcome"
        job.attempts = 4
        job.maxAttempts = 4
        job.enqueuedAt = now - 3_600_000
        job.diedAt = now - 60_000
        job.lastError = error
        job.payload = #"{"user":42}"#
        return job
    }
}
