import JobQueue
import SQLite

/// Counts and workers, for operators and metrics. Nothing is counted job by job.
extension JobFile {
    /// - Parameters:
    ///   - own: Queues that are told of even when they are not in the file yet.
    ///   - maxPayload: in bytes.
    mutating func stats(
        _ own: [QueueName], maxPayload: Int
    ) throws(SQLiteError) -> BrokerStats {
        // Within a transaction there may be changes that are not in the counters yet.
        try writeCounters()
        var found: [QueueName: (number: Int64, stats: QueueStats)] = [:]
        try database.query(
            """
            SELECT name, id, paused, pending, scheduled, active, dead, total_done, total_dead,
                total_retried, total_recovered
            FROM queue
            """
        ) { row in
            if let queue = QueueName(row.text(0)) {
                found[queue] = (row.integer(1), Self.stats(of: queue, row))
            }
            return true
        }
        for queue in leases.queues.union(own) where found[queue] == nil {
            found[queue] = (0, QueueStats(queue: queue))
        }
        var stats = BrokerStats(queues: [])
        for (number, var queue) in found.values.sorted(by: {
            $0.stats.queue.description < $1.stats.queue.description
        }) {
            queue.oldestPendingAt = try oldest(queue, number, maxPayload: maxPayload)
            stats.queues.append(queue)
        }
        return stats
    }

    private static func stats(of queue: QueueName, _ row: borrowing Row) -> QueueStats {
        var stats = QueueStats(queue: queue)
        stats.isPaused = row.integer(2) != 0
        stats.pending = Int(row.integer(3))
        stats.scheduled = Int(row.integer(4))
        stats.active = Int(row.integer(5))
        stats.dead = Int(row.integer(6))
        stats.totals.done = Int(row.integer(7))
        stats.totals.dead = Int(row.integer(8))
        stats.totals.retried = Int(row.integer(9))
        stats.totals.recovered = Int(row.integer(10))
        return stats
    }

    /// When the head of pending was enqueued; where it does not say, when it was first seen there.
    private mutating func oldest(
        _ queue: QueueStats, _ number: Int64, maxPayload: Int
    ) throws(SQLiteError) -> Int64? {
        guard queue.pending > 0 else { return nil }
        let head = try database.first(
            """
            SELECT envelope FROM job WHERE queue = ? AND state = 0 AND worker IS NULL
            ORDER BY place LIMIT 1
            """, SQLValue(number)
        ) { $0.bytes(0) }
        let bytes = head ?? []
        let firstSeen = pendingHeads.since(queue.queue, bytes, now: clock.unixMilliseconds)
        // What cannot be read does not say when it was enqueued.
        return (try? Envelope(bytes, maxPayload: maxPayload))?.enqueuedAt ?? firstSeen
    }

    /// The workers that hold a lease, and how many jobs each holds.
    mutating func workers() throws(SQLiteError) -> [WorkerInfo] {
        var held: [String: Int] = [:]
        // CROSS keeps the order: the few queues, and of each the active jobs alone.
        try database.query(
            """
            SELECT job.worker, count(*)
            FROM queue CROSS JOIN job ON job.queue = queue.id AND job.state = 2
            GROUP BY job.worker
            """
        ) { row in
            held[row.text(0)] = Int(row.integer(1))
            return true
        }
        return leases.infos(now: clock.now).map { info in
            var info = info
            info.active = held[info.id] ?? 0
            return info
        }
    }
}
