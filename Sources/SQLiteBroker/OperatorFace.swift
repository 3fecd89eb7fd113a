import JobQueue

/// What an operator sees and does. Nothing here is on a job's way, so it may look through the whole
/// file, in slices.
extension SQLiteBroker: OperatorBroker {
    package func stats() async throws -> BrokerStats {
        let own = options.worker?.queues ?? []
        return try await store.perform(.look) { file in try file.stats(own) }
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
            var room = RecordRoom()
            for queue in queues {
                records += try file.newestDead(in: queue, limit: limit, &room)
                records.sort { ($0.time ?? 0) > ($1.time ?? 0) }
                records.removeLast(max(0, records.count - max(0, limit)))
            }
            return records
        }
    }

    package func find(_ id: JobID) async throws -> [JobRecord] {
        var found: [FoundJob] = []
        var room = RecordRoom()
        try await look(for: [id]) { slice in
            found += slice.map {
                FoundJob(row: $0.row, place: $0.place, record: room.admit($0.record))
            }
        }
        return found.sorted {
            ($0.record.queue.description, $0.record.state.rank, $0.row)
                < ($1.record.queue.description, $1.record.state.rank, $1.row)
        }.map(\.record)
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

    /// Goes through the whole file, slice by slice, and hands over the records that have one of these ids.
    private func look(
        for ids: [JobID], _ body: ([FoundJob]) async throws -> Void
    ) async throws {
        let wanted = Set(ids)
        let text = ids.count == 1 ? Array(ids[0].description.utf8) : []
        var last: Int64? = .min
        while let start = last {
            try Task.checkCancellation()
            let slice = try await store.perform(.look) { file in
                try file.look(behind: start, for: text) { $0.id.map(wanted.contains) ?? false }
            }
            try await body(slice.found)
            last = slice.last
        }
    }

    /// Does `action` to every job that is meant and is in one of `states` (with `.all`: dead).
    private func change(
        _ selection: DeadSelection, in states: [JobState], by action: @escaping Action
    ) async throws -> OperatorResult {
        var result = OperatorResult()
        switch selection {
        case .ids(let ids):
            var dealtWith: Set<JobID> = []
            var others: [JobID: JobState] = [:]
            try await look(for: ids) { found in
                let open = found.filter { states.contains($0.record.state) }
                dealtWith.formUnion(open.compactMap(\.record.id))
                for job in found where !states.contains(job.record.state) {
                    if let id = job.record.id { others[id] = job.record.state }
                }
                try await apply(action, to: open, &result)
            }
            for id in ids where !dealtWith.contains(id) {
                guard let state = others.removeValue(forKey: id) else { continue }
                result.refuse(id.description, "the job is \(state.rawValue)")
            }
            result.sort(as: ids)
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
            try Task.checkCancellation()
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
            case .changed: result.change(id)
            case .gone: break
            case .refused(let reason): result.refuse(id, reason)
            }
        }
    }
}
