import JobQueue

/// The workers of a file and their leases, queue by queue. Kept in memory: one process works on a
/// file, so nobody outlives it, and a worker at rest writes nothing.
struct Leases {
    struct Lease {
        var end: MonotonicTime
        /// Declared lost: it can be neither used nor kept, and what it covers goes back.
        var isLost = false
    }

    private struct Worker {
        var leases: [QueueName: Lease] = [:]
        /// Of a process that worked on this file before. It is gone, whatever its lease says.
        var isFormer = false
        var side: WorkerSide?
        var startedAt: Int64?
    }

    private var workers: [String: Worker] = [:]

    /// A worker takes its leases, or goes on with them.
    mutating func register(
        _ id: String, _ side: WorkerSide, now: MonotonicTime, unixMilliseconds: Int64
    ) {
        var worker = workers[id] ?? Worker()
        worker.side = side
        worker.startedAt = worker.startedAt ?? unixMilliseconds
        for queue in side.queues {
            worker.leases[queue] = Lease(end: now.advanced(by: side.lease))
        }
        workers[id] = worker
    }

    /// A worker that an earlier process has left behind.
    mutating func addFormer(_ id: String, in queue: QueueName) {
        workers[id, default: Worker()].isFormer = true
        workers[id]?.leases[queue] = Lease(end: MonotonicTime(nanoseconds: 0))
    }

    /// Keeps the leases that a worker holds for another lease.
    ///
    /// - Returns: the first queue in which it holds none; `nil`: all are kept.
    mutating func keep(_ id: String, _ side: WorkerSide, now: MonotonicTime) -> QueueName? {
        for queue in side.queues where isHeld(by: id, in: queue) {
            workers[id]?.leases[queue]?.end = now.advanced(by: side.lease)
        }
        return side.queues.first { !isHeld(by: id, in: $0) }
    }

    func isHeld(by id: String, in queue: QueueName) -> Bool {
        workers[id]?.leases[queue]?.isLost == false
    }

    /// Workers whose lease in `queue` has ended, the one first whose lease ended first.
    func expired(in queue: QueueName, now: MonotonicTime) -> [(id: String, isFormer: Bool)] {
        workers.compactMap { id, worker in
            worker.leases[queue].map { (end: $0.end, id: id, isFormer: worker.isFormer) }
        }
        .filter { $0.end <= now }
        .sorted { ($0.end, $0.id) < ($1.end, $1.id) }
        .map { ($0.id, $0.isFormer) }
    }

    /// When the next of the leases in `queue` that have not ended yet ends.
    func nextEnd(in queue: QueueName, now: MonotonicTime) -> MonotonicTime? {
        workers.values.compactMap { $0.leases[queue]?.end }.filter { $0 > now }.min()
    }

    /// Declares a worker lost in `queue`, if its lease there has ended.
    ///
    /// - Parameter isKnownGone: whatever its lease says.
    /// - Returns: whether it is lost, now or from before.
    mutating func declareLost(
        _ id: String, in queue: QueueName, isKnownGone: Bool, now: MonotonicTime
    ) -> Bool {
        guard let lease = workers[id]?.leases[queue], isKnownGone || lease.end <= now else {
            return false
        }
        workers[id]?.leases[queue]?.isLost = true
        return true
    }

    /// Takes a worker out of `queue`.
    mutating func remove(_ id: String, in queue: QueueName) {
        workers[id]?.leases[queue] = nil
        if workers[id]?.leases.isEmpty == true { workers[id] = nil }
    }

    /// Whether the worker has a lease in any queue.
    func knows(_ id: String) -> Bool { workers[id] != nil }

    /// The queues in which somebody has a lease.
    var queues: Set<QueueName> { Set(workers.values.flatMap(\.leases.keys)) }

    /// For operators; the counts of what they hold are not in it.
    func infos(now: MonotonicTime) -> [WorkerInfo] {
        workers.map { id, worker in
            let end = worker.leases.values.map(\.end).min() ?? now
            var info = WorkerInfo(
                id: id, queues: worker.leases.keys.map(\.description).sorted(), active: 0,
                leaseLeft: end > now ? end.since(now) : .zero - now.since(end))
            info.host = worker.side?.host
            info.pid = worker.side?.pid
            info.version = worker.side?.version
            info.concurrency = worker.side?.concurrency
            info.startedAt = worker.startedAt
            return info
        }
        .sorted { $0.id < $1.id }
    }

    /// Moves time forward for one worker.
    mutating func end(_ id: String, in queue: QueueName) {
        workers[id]?.leases[queue]?.end = MonotonicTime(nanoseconds: 0)
    }
}
