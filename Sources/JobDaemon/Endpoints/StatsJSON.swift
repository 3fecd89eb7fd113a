import JobQueue

/// The text of `/stats`: sums over all queues, and the same for each under `queues`.
enum StatsJSON {
    /// - Parameter unixMilliseconds: Now, for the age of the oldest pending job.
    static func text(of stats: BrokerStats, unixMilliseconds now: Int64) -> String {
        var sum = QueueStats(queue: .default)
        var rows: [String] = []
        for queue in stats.queues {
            sum.pending += queue.pending
            sum.scheduled += queue.scheduled
            sum.active += queue.active
            sum.dead += queue.dead
            let age = queue.oldestPendingAge(at: now).map { String($0.wholeMilliseconds) }
            // A queue's name needs no escapes.
            rows.append(
                #""\#(queue.queue)":{\#(counts(queue)),"paused":\#(queue.isPaused),"#
                    + #""oldest_pending_ms":\#(age ?? "null")}"#)
        }
        let more = stats.isCut ? #","more":true"# : ""
        return #"{\#(counts(sum)),"queues":{\#(rows.joined(separator: ","))}\#(more)}"# + "\n"
    }

    private static func counts(_ stats: QueueStats) -> String {
        #""pending":\#(stats.pending),"scheduled":\#(stats.scheduled),"#
            + #""active":\#(stats.active),"dead":\#(stats.dead)"#
    }
}

extension QueueStats {
    /// How long the job at the head of pending has been in the queue; `nil`: nothing is pending.
    func oldestPendingAge(at unixMilliseconds: Int64) -> Duration? {
        guard let since = oldestPendingAt else { return nil }
        let (age, overflow) = unixMilliseconds.subtractingReportingOverflow(since)
        return overflow ? nil : .milliseconds(max(0, age))
    }
}
