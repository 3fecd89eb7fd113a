/// What `queues` and `workers` print for people.
package enum QueuesReport {
    package static func text(_ queues: [ControlQueue], _ palette: Palette) -> String {
        if queues.isEmpty { return "there is no queue yet\n" }
        var table = Table([
            ("QUEUE", .left), ("WORKERS", .right), ("DONE", .right), ("DEAD", .right),
            ("RETRIED", .right), ("RECOVERED", .right), ("", .left),
        ])
        for queue in queues {
            table.add([
                Table.Cell(queue.queue),
                Table.Cell(queue.workers, queue.workers == 0 ? .yellow : .plain),
                Table.Cell(queue.totals.done), Table.Cell(queue.totals.dead),
                Table.Cell(queue.totals.retried), Table.Cell(queue.totals.recovered),
                Table.Cell(queue.isPaused ? "paused" : "", .yellow),
            ])
        }
        return table.text(palette)
    }

    /// - Parameter now: Unix milliseconds.
    package static func text(
        _ workers: [ControlWorker], isCut: Bool = false, now: Int64, _ palette: Palette
    ) -> String {
        if workers.isEmpty { return "no worker holds a lease\n" }
        var table = Table([
            ("WORKER", .left), ("HOST", .left), ("PID", .right), ("VERSION", .left), ("UP", .right),
            ("ACTIVE", .right), ("SLOTS", .right), ("LEASE", .right), ("QUEUES", .left),
        ])
        for worker in workers {
            let isLost = worker.leaseLeft < 0
            let lease = isLost ? "lost" : TimeSpan.text(milliseconds: worker.leaseLeft)
            table.add([
                Table.Cell(worker.id), Table.Cell(worker.host ?? "-"),
                Table.Cell(worker.processID.map { "\($0)" } ?? "-"),
                Table.Cell(worker.version ?? "-"),
                Table.Cell(worker.startedAt.map { TimeSpan.age(since: $0, now: now) } ?? "-"),
                Table.Cell(worker.active),
                Table.Cell(worker.concurrency.map { ReadableNumber.text($0) } ?? "-"),
                Table.Cell(lease, isLost ? .red : .plain),
                Table.Cell(worker.queues.joined(separator: " ")),
            ])
        }
        return table.text(palette) + (isCut ? "… there are more workers\n" : "")
    }
}
