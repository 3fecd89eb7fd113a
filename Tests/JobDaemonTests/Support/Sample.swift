import JobQueue

/// Names and records for tests. A name that is none is a mistake of the test.
enum Sample {
    static func queue(_ name: String) -> QueueName {
        guard let queue = QueueName(name) else { preconditionFailure("no queue: \(name)") }
        return queue
    }

    static func type(_ name: String) -> JobType {
        guard let type = JobType(name) else { preconditionFailure("no type: \(name)") }
        return type
    }

    static func id(_ name: String) -> JobID {
        guard let id = JobID(name) else { preconditionFailure("no id: \(name)") }
        return id
    }

    /// An attempt at job `j1`, as its handler sees it.
    static func job(type: String = "work", payload: String = "null") -> Job {
        Job(
            id: id("j1"), type: self.type(type), queue: .default,
            payload: Payload(Array(payload.utf8)), attempt: 1, maxAttempts: 25)
    }

    /// What happened to attempt 2 of 5 at job `j1` of queue `mail`.
    static func event(
        _ kind: JobEvent.Kind, type: JobType? = JobType("work"), attempt: Int = 2,
        run: Duration? = .milliseconds(40)
    ) -> JobEvent {
        JobEvent(
            id: id("j1"), type: type, queue: queue("mail"), attempt: attempt, maxAttempts: 5,
            kind: kind, wait: .milliseconds(3), run: run)
    }

    /// The counts of a queue.
    static func stats(
        _ name: String, pending: Int = 0, scheduled: Int = 0, active: Int = 0, dead: Int = 0
    ) -> QueueStats {
        var stats = QueueStats(queue: queue(name))
        stats.pending = pending
        stats.scheduled = scheduled
        stats.active = active
        stats.dead = dead
        return stats
    }
}
