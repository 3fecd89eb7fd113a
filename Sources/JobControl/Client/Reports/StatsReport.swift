/// What `stats` prints for people.
package enum StatsReport {
    /// - Parameter now: Unix milliseconds.
    package static func text(_ stats: ControlStats, now: Int64, _ palette: Palette) -> String {
        if stats.queues.isEmpty { return "there is no queue yet\n" }
        var table = Table([
            ("QUEUE", .left), ("PENDING", .right), ("SCHEDULED", .right), ("ACTIVE", .right),
            ("DEAD", .right), ("OLDEST", .right), ("", .left),
        ])
        for queue in stats.queues { table.add(row(queue, now)) }
        if stats.queues.count > 1 { table.add(sum(stats.queues)) }
        let troubles = stats.queues.compactMap { queue in
            queue.trouble.map { trouble in
                let line = TerminalText.escaped("queue \(queue.queue): \(trouble)")
                return palette.paint(line, .red) + "\n"
            }
        }
        let more = stats.more == true ? "… there are more queues\n" : ""
        return table.text(palette) + more + troubles.joined() + "\n" + totals(stats.totals)
    }

    private static func row(_ queue: QueueCounts, _ now: Int64) -> [Table.Cell] {
        let age = queue.oldestPendingAt.map { TimeSpan.age(since: $0, now: now) }
        let state: Table.Cell =
            if queue.trouble != nil {
                Table.Cell("trouble", .red)
            } else {
                Table.Cell(
                    queue.isPaused ? "paused" : queue.workers == 0 ? "no daemon" : "", .yellow)
            }
        return [
            Table.Cell(queue.queue), Table.Cell(queue.pending), Table.Cell(queue.scheduled),
            Table.Cell(queue.active), Table.Cell(queue.dead, queue.dead > 0 ? .red : .plain),
            Table.Cell(age ?? "-"), state,
        ]
    }

    private static func sum(_ queues: [QueueCounts]) -> [Table.Cell] {
        let counts = [\QueueCounts.pending, \.scheduled, \.active, \.dead].map { count in
            // The numbers come from the daemon: whatever they are, the sum must not trap.
            Table.Cell(queues.reduce(0) { $0.addingSaturated($1[keyPath: count]) }, .bold)
        }
        return [Table.Cell("total", .bold)] + counts + ["", ""]
    }

    private static func totals(_ totals: ControlTotals) -> String {
        "since the queues exist: \(ReadableNumber.text(totals.done)) done, "
            + "\(ReadableNumber.text(totals.dead)) dead, "
            + "\(ReadableNumber.text(totals.retried)) retried, "
            + "\(ReadableNumber.text(totals.recovered)) recovered\n"
    }
}
