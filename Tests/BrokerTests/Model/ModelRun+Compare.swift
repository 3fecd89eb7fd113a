import JobQueue

/// Everything that can be seen of a broker, compared with the model.
extension ModelRun {
    func compare() async throws {
        let broker = slots.last?.daemon.broker
        let stats = try await broker?.stats().queues ?? []
        let workers = try await broker?.workers() ?? []
        for queue in queues {
            let expected = model.queues[queue] ?? ReferenceModel.Queue()
            try await compareJobs(in: queue, expected)
            try compareCounts(stats.first { $0.queue == queue }, expected)
            for key in (0..<Operation.uniqueKeys).map({ "key-\($0)" }) {
                try expect(
                    "the holder of \(key) in \(queue)", expected.holders[key],
                    try await place.stand.holder(of: key, in: queue))
            }
        }
        try compareWorkers(workers)
    }

    private func compareJobs(
        in queue: QueueName, _ expected: ReferenceModel.Queue
    ) async throws {
        let stand = place.stand
        func jobs(_ state: JobState) async throws -> [ModelJob] {
            let records = try await stand.records(state, in: queue)
            let jobs = records.compactMap { ModelJob($0) }
            try expect("readable records, \(state) in \(queue)", records.count, jobs.count)
            return jobs
        }
        func byNumber(_ jobs: [ModelJob]) -> [ModelJob] {
            jobs.sorted { ($0.number, $0.id ?? "") < ($1.number, $1.id ?? "") }
        }
        try expect("pending in \(queue)", expected.pending, try await jobs(.pending))
        for name in Operation.types {
            guard let type = JobType(name) else { continue }
            try expect(
                "\(name) aside in \(queue)", expected.aside[name] ?? [],
                try await stand.aside(type, in: queue).compactMap { ModelJob($0) })
        }
        try expect(
            "scheduled in \(queue)",
            expected.scheduled.sorted { ($0.due, $0.order) < ($1.due, $1.order) }.map(\.job),
            try await jobs(.scheduled))
        try expect(
            "active in \(queue)", byNumber(Array(expected.active.values)),
            byNumber(try await jobs(.active)))
        try expect(
            "dead in \(queue)", byNumber(expected.dead), byNumber(try await jobs(.dead)))
    }

    private func compareCounts(_ found: QueueStats?, _ expected: ReferenceModel.Queue) throws {
        guard let found else {
            throw ModelMismatch("a queue's counts", expected: "some", found: "none")
        }
        var counts = QueueStats(queue: found.queue)
        counts.pending = expected.allPending.count
        counts.scheduled = expected.scheduled.count
        counts.active = expected.active.count
        counts.dead = expected.dead.count
        counts.isPaused = expected.isPaused
        counts.totals = expected.totals
        counts.workers = found.workers
        // Since when the oldest waits is told by the clock, whether one does is not.
        counts.oldestPendingAt = found.oldestPendingAt
        try expect("the counts", counts, found)
        try expect(
            "an oldest job", !expected.allPending.isEmpty, found.oldestPendingAt != nil)
    }

    private func compareWorkers(_ found: [WorkerInfo]) throws {
        struct Seen: Equatable {
            var queues: [String] = []
            var active = 0
            var isOver = false
        }
        var expected: [String: Seen] = [:]
        for queue in queues {
            for (worker, end) in model.queues[queue]?.leases ?? [:] {
                expected[worker, default: Seen()].queues.append(queue.description)
                expected[worker]?.active +=
                    model.queues[queue]?.active.keys.count { $0.worker == worker } ?? 0
                if end <= model.hour { expected[worker]?.isOver = true }
            }
        }
        let seen = found.map { info in
            (
                info.id,
                Seen(
                    queues: info.queues, active: info.active, isOver: info.leaseLeft <= .zero)
            )
        }
        try expect("the workers", expected, Dictionary(seen, uniquingKeysWith: { $1 }))
    }
}
