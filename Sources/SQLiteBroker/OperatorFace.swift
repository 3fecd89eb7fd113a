import JobQueue

/// What an operator sees and does. Nothing here is on a job's way, so it may look through the whole
/// file, in slices.
extension SQLiteBroker: OperatorBroker {
    package func stats() async throws -> BrokerStats {
        let own = options.worker?.queues ?? []
        let maxPayload = options.maxPayload
        return try await store.perform(.look) { file in
            try file.stats(own, maxPayload: maxPayload)
        }
    }

    package func workers() async throws -> [WorkerInfo] {
        try await store.perform(.look) { file in try file.workers() }
    }

    package func pause(_ queues: [QueueName]) async throws {
        try await store.perform(.promise) { file in try file.setPaused(queues, true) }
    }

    package func resume(_ queues: [QueueName]) async throws {
        try await store.perform(.promise) { file in try file.setPaused(queues, false) }
    }

    package func dead(in queue: QueueName?, limit: Int) async throws -> [JobRecord] {
        try await store.perform(.look) { file in
            let queues = if let queue { [queue] } else { try file.queues() }
            var records: [JobRecord] = []
            for queue in queues { records += try file.newestDead(in: queue, limit: limit) }
            return Array(
                records.sorted { ($0.time ?? 0) > ($1.time ?? 0) }.prefix(max(0, limit)))
        }
    }

    package func find(_ id: JobID) async throws -> [JobRecord] {
        try await locate(id).map(\.record)
    }

    package func receipt(of id: JobID, in queue: QueueName) async throws -> [UInt8]? {
        try await store.perform(.look) { file in try file.receipt(of: id, in: queue) }
    }

    package func remembers(_ id: JobID, in queue: QueueName) async throws -> Bool {
        try await store.perform(.look) { file in
            guard let number = try file.number(of: queue) else { return false }
            return try file.isRemembered(
                id.description, in: number, now: file.clock.unixMilliseconds)
        }
    }

    package func requeue(_ selection: DeadSelection) async throws -> OperatorResult {
        try await change(selection, in: [.dead]) { file, job in try file.requeue(job) }
    }

    package func delete(_ selection: DeadSelection) async throws -> OperatorResult {
        try await change(selection, in: [.dead, .scheduled, .pending]) { file, job in
            try file.delete(job)
        }
    }
}

// MARK: - Changes

extension SQLiteBroker {
    private typealias Action = @Sendable (inout JobFile, FoundJob) throws -> JobFile.Change

    /// Every record with this id: by queue, and active ones first.
    private func locate(_ id: JobID) async throws -> [FoundJob] {
        var found: [FoundJob] = []
        var last: Int64? = .min
        while let start = last {
            let slice = try await store.perform(.look) { file in
                try file.look(behind: start, for: Array(id.description.utf8))
            }
            found += slice.found.filter { $0.record.id == id }
            last = slice.last
        }
        return found.sorted {
            ($0.record.queue.description, $0.record.state.rank, $0.row)
                < ($1.record.queue.description, $1.record.state.rank, $1.row)
        }
    }

    /// Does `action` to every job that is meant and is in one of `states` (with `.all`: dead).
    private func change(
        _ selection: DeadSelection, in states: [JobState], by action: @escaping Action
    ) async throws -> OperatorResult {
        var result = OperatorResult()
        switch selection {
        case .ids(let ids):
            for id in ids {
                let found = try await locate(id)
                let open = found.filter { states.contains($0.record.state) }
                try await apply(action, to: open, &result)
                if open.isEmpty, let other = found.first?.record {
                    result.refused.append(
                        .init(id: id.description, reason: "the job is \(other.state.rawValue)"))
                }
            }
        case .all(let type):
            for counts in try await stats().queues {
                try await applyToDead(of: counts, type, action, &result)
            }
        }
        return result
    }

    private func applyToDead(
        of counts: QueueStats, _ type: JobType?, _ action: @escaping Action,
        _ result: inout OperatorResult
    ) async throws {
        // What dies meanwhile must not keep this going for ever.
        var left = counts.dead
        var last: FoundJob?
        while left > 0 {
            let behind = last
            let slice = try await store.perform(.look) { file in
                try file.dead(in: counts.queue, behind: behind)
            }
            if slice.isEmpty { return }
            last = slice.last
            left -= slice.count
            let meant = slice.filter { type == nil || $0.record.type == type }
            try await apply(action, to: meant, &result)
        }
    }

    /// Does `action` to all of `jobs` in one transaction.
    private func apply(
        _ action: @escaping Action, to jobs: [FoundJob], _ result: inout OperatorResult
    ) async throws {
        if jobs.isEmpty { return }
        let changes = try await store.perform(.promise) { file in
            var changes: [JobFile.Change] = []
            for job in jobs { changes.append(try action(&file, job)) }
            return changes
        }
        for (job, change) in zip(jobs, changes) {
            let id = job.record.id?.description ?? "?"
            switch change {
            case .changed: result.changed.append(id)
            case .gone: break
            case .refused(let reason): result.refused.append(.init(id: id, reason: reason))
            }
        }
    }
}

extension JobState {
    /// In which order an operator sees the records of one job.
    fileprivate var rank: Int {
        switch self {
        case .active: 0
        case .pending: 1
        case .scheduled: 2
        case .dead: 3
        }
    }
}
