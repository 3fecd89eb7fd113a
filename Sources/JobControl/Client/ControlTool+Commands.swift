import LinuxSystem

/// The commands that ask the daemon.
extension ControlTool {
    mutating func ask(_ invocation: Invocation, at path: String) throws {
        // Read before the connection is made: whoever types a payload takes time.
        let order = try order(of: invocation.command)
        var client = try ControlClient(socket: path)
        let isJSON = invocation.isJSON
        switch invocation.command {
        case .help, .version: break
        case .stats:
            let stats = try client.call(GetStats.self)
            try show(stats, isJSON, StatsReport.text(stats, now: now, palette))
        case .queues:
            let reply = try client.call(GetQueues.self)
            try show(reply, isJSON, QueuesReport.text(reply.queues, palette))
        case .workers:
            let reply = try client.call(GetWorkers.self)
            try show(
                reply, isJSON,
                QueuesReport.text(
                    reply.workers, isCut: reply.more == true, now: now, palette))
        case .top: try top(isJSON, &client)
        case .reload:
            let reply = try client.call(Reload.self)
            try show(reply, isJSON)
        case .check:
            let reply = try client.call(Check.self)
            try show(reply, isJSON)
        case .drain:
            let reply = try client.call(Drain.self)
            try show(reply, isJSON, ChangeReport.text(reply))
        case .pause(let queues):
            let reply = try client.call(Pause.self, QueueNames(queues: queues))
            try show(reply, isJSON, ChangeReport.text(reply.queues ?? [], verb: "paused"))
        case .resume(let queues):
            let reply = try client.call(Resume.self, QueueNames(queues: queues))
            try show(reply, isJSON, ChangeReport.text(reply.queues ?? [], verb: "resumed"))
        case .listDead(let queue, let limit):
            let reply = try client.call(ListDead.self, .init(queue: queue, limit: limit))
            try show(reply, isJSON, JobsReport.list(reply, now: now, palette, width: terminalWidth))
        case .show(let id):
            try show(try client.call(Show.self, .init(id: id)), id: id, isJSON)
        case .showDead(let id):
            var reply = try client.call(Show.self, .init(id: id))
            reply.jobs.removeAll { $0.state != .dead }
            try show(reply, id: id, isJSON)
        case .requeue(let selection):
            try change(Requeue.self, selection, verb: "requeued", isJSON, &client)
        case .delete(let selection):
            try change(Delete.self, selection, verb: "deleted", isJSON, &client)
        case .export: try exportJobs(&client)
        case .importJobs(let source): try importJobs(source, isJSON, &client)
        case .enqueue(_, _, let count):
            guard let order else { return }
            try enqueue(order, count, isJSON, &client)
        case .run(_, _, let limit):
            guard let order else { return }
            try run(order, limit: limit, isJSON, &client)
        }
    }
}

// MARK: - Each command

extension ControlTool {
    /// Prints a reply: as `text`, or as JSON with its keys in order.
    private mutating func show(_ reply: some Encodable, _ isJSON: Bool, _ text: String) throws {
        result.output += isJSON ? try WireJSON.document(reply) : text
    }

    /// How long a line of a list may be; `nil`: as long as it is.
    private var terminalWidth: Int? {
        surroundings.isTerminal ? surroundings.windowSize()?.columns : nil
    }

    private mutating func show(_ reply: Show.Reply, id: String, _ isJSON: Bool) throws {
        if reply.jobs.isEmpty {
            result.errors += "jobqueuectl: there is no such job: \(TerminalText.escaped(id))\n"
            result.status = .refused
            guard isJSON else { return }
        }
        try show(reply, isJSON, JobsReport.details(reply.jobs, now: now, palette))
    }

    private mutating func show(_ reply: Reload.Reply, _ isJSON: Bool) throws {
        for line in reply.errors + reply.warnings {
            result.errors += TerminalText.escaped(line) + "\n"
        }
        if !reply.isReloaded {
            result.errors += "jobqueuectl: nothing was changed: the configuration has errors\n"
            result.status = .refused
        }
        guard isJSON || reply.isReloaded else { return }
        try show(reply, isJSON, "reloaded\n")
    }

    private mutating func show(_ reply: Check.Reply, _ isJSON: Bool) throws {
        for line in reply.errors + reply.warnings {
            result.errors += TerminalText.escaped(line) + "\n"
        }
        if !reply.errors.isEmpty { result.status = .refused }
        guard isJSON || reply.errors.isEmpty else { return }
        try show(reply, isJSON, "the configuration is good\n")
    }

    private mutating func change<Method: ControlMethod>(
        _ method: Method.Type, _ selection: ControlSelection, verb: String, _ isJSON: Bool,
        _ client: inout ControlClient
    ) throws where Method.Parameters == SelectionParameters, Method.Reply == ControlChange {
        var total = ControlChange(changed: [], unchanged: [], of: .all(type: nil))
        do {
            for part in selection.parts(of: ControlChange.listLimit) {
                total.add(try client.call(method, SelectionParameters(part)))
            }
        } catch {
            // What was done before the failure is told all the same.
            if total.count > 0 { try show(total, verb, isJSON) }
            throw error
        }
        try show(total, verb, isJSON)
    }

    private mutating func show(_ change: ControlChange, _ verb: String, _ isJSON: Bool) throws {
        let texts = ChangeReport.text(change, verb: verb)
        result.errors += texts.complaints
        if !texts.complaints.isEmpty { result.status = .refused }
        try show(change, isJSON, texts.output)
    }

    private mutating func enqueue(
        _ order: EnqueueOrder, _ count: Int, _ isJSON: Bool, _ client: inout ControlClient
    ) throws {
        var reply = Enqueue.Reply(jobs: [])
        do {
            while reply.jobs.count < count {
                var part = order
                part.count = min(count - reply.jobs.count, EnqueueOrder.countLimit)
                let jobs = try enqueued(part, &client)
                guard !jobs.isEmpty else { break }
                reply.jobs += jobs
            }
        } catch {
            // The jobs before the failure are in: their ids must be known.
            if !reply.jobs.isEmpty { try show(reply, isJSON) }
            throw error
        }
        try show(reply, isJSON)
        for job in reply.jobs where job.isKnown {
            result.errors += knownText(job.id, in: order.queue, &client)
            result.status = .known
        }
    }

    /// - Throws: `WaitFailure` where a parameter is beyond what the daemon takes: that is the job's fault.
    private func enqueued(
        _ order: EnqueueOrder, _ client: inout ControlClient
    ) throws -> [EnqueuedJob] {
        do {
            return try client.call(Enqueue.self, order).jobs
        } catch .answered(.invalidParameter(let name)) {
            throw WaitFailure(cause: .answered(.invalidParameter(name)), exitStatus: .badJob)
        }
    }

    /// What there is to say of a job that was enqueued before.
    private func knownText(
        _ id: String, in queue: String?, _ client: inout ControlClient
    ) -> String {
        // A look at one key. Without an answer the line says as much as is known.
        let reply = try? client.call(Wait.self, .init(id: id, queue: queue, timeout: 0))
        let state = reply?.job.map { " and is \($0.state.rawValue)" } ?? ""
        let name = TerminalText.escaped(id)
        return
            "job \(name) was enqueued before\(state): nothing was added; see jobqueuectl show \(name)\n"
    }

    private mutating func show(_ reply: Enqueue.Reply, _ isJSON: Bool) throws {
        let duplicates = Set(reply.jobs.filter(\.isDuplicate).map(\.id)).sorted()
        for id in duplicates {
            result.errors +=
                "job \(TerminalText.escaped(id)) holds the unique key: nothing was added for it\n"
        }
        if !duplicates.isEmpty { result.status = .duplicate }
        try show(reply, isJSON, reply.jobs.map { TerminalText.escaped($0.id) + "\n" }.joined())
    }
}

// MARK: - The payload

extension ControlTool {
    /// The order of an enqueue with its payload; `nil` for the other commands.
    private func order(of command: ControlCommand) throws(UsageError) -> EnqueueOrder? {
        var order: EnqueueOrder
        let source: ControlCommand.PayloadSource
        switch command {
        case .enqueue(let asked, let payload, _), .run(let asked, let payload, _):
            (order, source) = (asked, payload)
        default: return nil
        }
        // One byte more than fits shows that it does not.
        let limit = ControlLimits.standardFrame + 1
        let bytes: [UInt8]
        do throws(SystemError) {
            switch source {
            case .none: return order
            case .text(let text):
                order.payload = text
                return order
            case .standardInput: bytes = try surroundings.input(limit)
            case .file(let path): bytes = try Self.content(of: path, limit: limit)
            }
        } catch {
            throw UsageError("the payload cannot be read: \(error)")
        }
        // Space around JSON means nothing, and files end with a line break.
        let trimmed = bytes.drop(while: Self.isSpace).reversed().drop(while: Self.isSpace)
            .reversed()
        guard let text = String(validating: trimmed, as: UTF8.self) else {
            throw UsageError("the payload is not UTF-8, so it is no JSON")
        }
        order.payload = text
        return order
    }

    private static func content(of path: String, limit: Int) throws(SystemError) -> [UInt8] {
        let file = try FileDescriptor.open(reading: path)
        return try file.readToEnd(limit: limit)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains(
            byte)
    }
}
