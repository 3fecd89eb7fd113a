import JobQueue

/// Names, records and attempts for tests. A name that is none is a mistake of the test.
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

    static func worker(_ number: UInt32) -> WorkerID {
        WorkerID(unixMilliseconds: ManualClock.wallStart, random: number)
    }

    static func token(_ number: UInt64, queue name: String = "default") -> LeaseToken {
        LeaseToken(worker: worker(1), queue: queue(name), number: number)
    }

    /// A job's record. `more` are further fields as JSON, such as `"attempts":3`.
    static func record(_ id: String, type: String = "work", _ more: String = "") -> [UInt8] {
        let more = more.isEmpty ? "" : "," + more
        return Array(#"{"type":"\#(type)","id":"\#(id)"\#(more)}"#.utf8)
    }

    static func claim(_ record: [UInt8], number: UInt64 = 1, queue: String = "default") -> Claim {
        Claim(token: token(number, queue: queue), envelope: record)
    }

    static func options(
        slots: Int = 2, queues: String = "default", retry: RetryPolicy = RetryPolicy()
    ) -> WorkerOptions {
        do {
            let schedule = try QueueSchedule(parsing: queues)
            var options = WorkerOptions(slots: slots, schedule: schedule, retry: retry)
            // Heartbeats that no other time is mistaken for.
            options.lease = .seconds(5 * 7919)
            return options
        } catch {
            preconditionFailure(error.description)
        }
    }

    /// An attempt at a record whose type has a handler that does nothing.
    static func attempt(
        _ record: [UInt8] = record("a"), number: UInt64 = 1, queue: String = "default",
        handler: HandlerOptions = HandlerOptions(),
        options: WorkerOptions = options()
    ) -> Attempt {
        var registry = HandlerRegistry()
        registry.register("work", options: handler) { _, _ in }
        let reader = ClaimReader(registry: registry, options: options)
        let claim = claim(record, number: number, queue: queue)
        switch reader.read(claim, unixMilliseconds: ManualClock.wallStart) {
        case .attempt(let attempt): return attempt
        case .dead(let finished): preconditionFailure("it cannot be run: \(finished.finish)")
        }
    }

    /// What is left of a record that was stored.
    static func envelope(_ bytes: [UInt8]) throws -> Envelope {
        try Envelope(bytes, maxPayload: 1 << 20)
    }

    /// The id in a record; `"?"` when it cannot be read.
    static func idText(_ bytes: [UInt8]) -> String {
        // What cannot be read has no id.
        (try? envelope(bytes))?.id?.description ?? "?"
    }
}
