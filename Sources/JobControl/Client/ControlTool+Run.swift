/// Why a job cannot be enqueued or waited for, with a status that never says that the job is dead.
struct WaitFailure: Error {
    let cause: ControlClientError
    let exitStatus: ControlTool.ExitStatus

    init(cause: ControlClientError, exitStatus: ControlTool.ExitStatus) {
        self.cause = cause
        self.exitStatus = exitStatus
    }

    init(_ cause: ControlClientError) {
        let status = cause.exitStatus
        self.init(cause: cause, exitStatus: status == .refused ? .noDaemon : status)
    }
}

/// `jobqueuectl enqueue --wait`: a job, and what comes of it.
extension ControlTool {
    /// - Parameter limit: Milliseconds; `nil`: none.
    mutating func run(
        _ order: EnqueueOrder, limit: Int64?, _ isJSON: Bool, _ client: inout ControlClient
    ) throws {
        let started = surroundings.clock()
        var order = order
        order.retention = order.retention ?? Self.retention
        // An id of our own is remembered: that it is no more tells that the job may be gone.
        order.id = order.id ?? surroundings.newID()
        guard let enqueued = try taken(order, &client) else { return }
        let id = TerminalText.escaped(enqueued.id)
        guard !enqueued.isDuplicate else {
            result.errors += "job \(id) holds the unique key: nothing was added\n"
            result.status = .duplicate
            return
        }
        tell(
            enqueued.isKnown
                ? "job \(id) was enqueued before: nothing was added; waiting for its end\n"
                : "job \(id) is in; waiting for its end\n")
        let goesOn = "jobqueuectl: job \(id) is in; see jobqueuectl show \(id)\n"
        surroundings.whenInterrupted(goesOn)
        var wait = JobWait(
            for: enqueued, in: order, end: limit.map { started + $0 }, clock: surroundings.clock)
        do {
            let end = try wait.end(&client) { tell($0) }
            switch end {
            case .ended(let job): try show(ended: job, id, isJSON)
            case .gone: fail("job \(id) is gone: deleted, or its end was not kept", .gone)
            case .notYet: fail("job \(id) has not ended; see jobqueuectl show \(id)", .notYet)
            }
        } catch let error as ControlClientError {
            result.errors += goesOn
            throw WaitFailure(error)
        }
    }

    /// - Throws: `WaitFailure`.
    private func taken(
        _ order: EnqueueOrder, _ client: inout ControlClient
    ) throws -> EnqueuedJob? {
        do {
            return try client.call(Enqueue.self, order).jobs.first
        } catch {
            throw WaitFailure(error)
        }
    }

    private mutating func tell(_ line: String) {
        if let tell = surroundings.tell { tell(line) } else { result.errors += line }
    }

    private mutating func show(ended job: ControlJob, _ id: String, _ isJSON: Bool) throws {
        if job.state != .done {
            let reason = TerminalText.escaped(job.lastError ?? "no reason is known")
            result.errors += "jobqueuectl: job \(id) is dead: \(reason)\n"
            result.status = .refused
        }
        if isJSON {
            result.output += try WireJSON.document(job)
        } else if let text = job.result {
            result.output += TerminalText.escapedJSON(text) + "\n"
        }
    }

    /// Long enough for whoever waits to see the end, milliseconds.
    private static let retention: Int64 = 10 * 60 * 1000
}
