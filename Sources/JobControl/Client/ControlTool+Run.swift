/// `jobqueuectl enqueue --wait`: a job, and what comes of it.
extension ControlTool {
    mutating func run(
        _ order: EnqueueOrder, _ isJSON: Bool, _ client: inout ControlClient
    ) throws {
        var order = order
        order.retention = order.retention ?? Self.retention
        guard let enqueued = try client.call(Enqueue.self, order).jobs.first else { return }
        let id = TerminalText.escaped(enqueued.id)
        guard !enqueued.isDuplicate else {
            result.errors += "job \(id) holds the unique key: nothing was added\n"
            result.status = .refused
            return
        }
        do {
            while true {
                let reply = try client.call(Wait.self, .init(id: enqueued.id, queue: order.queue))
                if let job = reply.job { return try show(ended: job, id, isJSON) }
            }
        } catch {
            result.errors += "jobqueuectl: job \(id) is in; see jobqueuectl show \(id)\n"
            throw error
        }
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
