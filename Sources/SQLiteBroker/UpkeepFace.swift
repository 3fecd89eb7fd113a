import JobQueue

/// Bringing due jobs forward, and taking jobs back from lost workers. What a power cut undoes of it is
/// done again.
extension SQLiteBroker: UpkeepBroker {
    package func promoteDue(
        in queue: QueueName
    ) async throws -> (moved: Int, nextDue: Duration?) {
        // Most often there is nothing to do, and nothing needs to be written.
        let (next, hasOutlived) = try await store.perform(.look) { file in
            (try file.timeToNextDue(in: queue), try file.hasOutlived())
        }
        guard next == .zero || hasOutlived else { return (0, next) }
        return try await store.perform(.change) { file in
            try file.forgetOutlived()
            let (moved, nextDue) = try file.promoteDue(in: queue)
            // As much may be outlived in a second as was kept in one: then the next slice comes at once.
            return (moved, try file.hasOutlived() ? .zero : nextDue)
        }
    }

    package func recover(in queue: QueueName) async throws -> RecoveryRound {
        let (expired, wait) = try await store.perform(.look) { file in
            let now = file.clock.now
            let wait = file.leases.nextEnd(in: queue, now: now).map { $0.since(now) }
            return (file.leases.expired(in: queue, now: now), wait)
        }
        var round = RecoveryRound(nextLook: wait)
        guard options.worker != nil else { return round }
        let mayTakeBack = holdsUnbrokenLease
        for (worker, isFormer) in expired
        where worker != workerID.description && (mayTakeBack || isFormer) {
            let jobs = try await recover(worker, isKnownGone: isFormer, in: queue)
            if let jobs {
                round.recoveries.append(Recovery(worker: worker, queue: queue, jobs: jobs))
            }
        }
        return round
    }

    package func recoverFormerSelf(_ worker: WorkerID) async throws -> [Recovery] {
        let worker = worker.description
        var recoveries: [Recovery] = []
        for queue in options.worker?.queues ?? [] {
            let jobs = try await recover(worker, isKnownGone: true, in: queue)
            guard let jobs else { continue }
            recoveries.append(Recovery(worker: worker, queue: queue, jobs: jobs))
        }
        return recoveries
    }

    package func trimDead(
        in queue: QueueName, to limits: DeadLimits
    ) async throws -> TrimmedSlice {
        // Most often there is nothing to do, and nothing needs to be written.
        let beyond = try await store.perform(.look) { file in
            try file.countDead(beyond: limits, in: queue)
        }
        guard beyond > 0 else { return TrimmedSlice(dropped: 0, hasMore: false) }
        return try await store.perform(.change) { file in
            try file.trimDead(in: queue, to: limits)
        }
    }

    /// Declares a worker lost, moves what it held to the head of pending, and takes it out. In slices, so
    /// that claims go on between them.
    ///
    /// - Returns: how many jobs were moved; `nil` when it is not lost.
    private func recover(
        _ worker: String, isKnownGone: Bool, in queue: QueueName
    ) async throws -> Int? {
        let isLost = try await store.perform(.look) { file in
            file.leases.declareLost(
                worker, in: queue, isKnownGone: isKnownGone, now: file.clock.now)
        }
        guard isLost else { return nil }
        let maxPayload = options.maxPayload
        var moved = 0
        while true {
            let count = try await store.perform(.change) { file in
                try file.takeBack(from: worker, in: queue, maxPayload: maxPayload)
            }
            if count == 0 { break }
            moved += count
        }
        try await store.perform(.look) { file in try file.retire(worker, from: queue) }
        return moved
    }
}
