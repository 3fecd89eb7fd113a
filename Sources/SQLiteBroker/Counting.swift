import JobQueue
import SQLite

/// Counts and workers, for operators and metrics. Nothing is counted job by job.
extension JobFile {
    /// - Parameter own: Queues that are told of even when they are not in the file yet.
    mutating func stats(_ own: [QueueName]) throws(SQLiteError) -> BrokerStats {
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
        for worker in leases.infos(now: clock.now) where worker.leaseLeft >= .zero {
            for name in worker.queues {
                if let queue = QueueName(name) { found[queue]?.stats.workers += 1 }
            }
        }
        var stats = BrokerStats(queues: [])
        for (number, var queue) in found.values.sorted(by: {
            $0.stats.queue.description < $1.stats.queue.description
        }) {
            queue.oldestPendingAt = try oldest(queue, number)
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

    /// Since when the job waits that has waited longest, of pending and of those that wait aside.
    private mutating func oldest(
        _ queue: QueueStats, _ number: Int64
    ) throws(SQLiteError) -> Int64? {
        guard queue.pending > 0 else { return nil }
        var heads = [try head(of: number, aside: nil)]
        for type in try typesAside(in: queue.queue, behind: "") {
            heads.append(try head(of: number, aside: type))
        }
        return pendingHeads.oldest(
            of: heads.compactMap { $0 }, in: queue.queue, now: clock.unixMilliseconds)
    }

    private mutating func head(
        of queue: Int64, aside type: JobType?
    ) throws(SQLiteError) -> PendingHead? {
        try database.first(
            """
            SELECT substr(envelope, 1, ?), length(envelope) FROM job
            WHERE queue = ? AND state = 0 AND worker IS NULL AND aside IS ?
            ORDER BY place LIMIT 1
            """, SQLValue(Int64(PendingHead.beginning)), SQLValue(queue),
            SQLValue(type?.description)
        ) { PendingHead(beginning: $0.bytes(0), size: Int($0.integer(1))) }
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
        return WorkerInfo.listed(
            leases.infos(now: clock.now).map { info in
                var info = info
                info.active = held[info.id] ?? 0
                return info
            })
    }
}
