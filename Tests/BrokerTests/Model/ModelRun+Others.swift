import JobQueue

/// What producers and operators do, on both sides.
extension ModelRun {
    mutating func enqueue(
        _ slot: Slot, _ queue: QueueName, _ orders: [Operation.NewJobs]
    ) async throws {
        var jobs: [NewJob] = []
        var numbers: [Int] = []
        var delays: [(hours: Int, order: Int)?] = []
        for order in orders {
            let number = takeNumber()
            var new = try job(number, type: ModelJob(number: number).type)
            new.queue = queue
            new.id = order.id.flatMap { JobID("id-\($0)") }
            new.uniqueKey = order.uniqueKey.map { "key-\($0)" }
            var delay: (hours: Int, order: Int)?
            if let hours = order.delay {
                let (duration, order) = takeDelay(hours: hours)
                new.start = .after(duration)
                delay = (hours, order)
            }
            jobs.append(new)
            numbers.append(number)
            delays.append(delay)
        }
        let results = try await slot.daemon.broker.enqueue(jobs)
        try expect("how many results", jobs.count, results.count)
        for (index, result) in results.enumerated() {
            let new = jobs[index]
            let found: ReferenceModel.Enqueued =
                switch result {
                case .enqueued(let id): .enqueued(id.description)
                case .known(let id): .known(id.description)
                case .duplicate(let holder): .duplicate(holder: holder.description)
                }
            // Where the broker makes the id, it is what it says.
            let id = new.id?.description ?? result.id.description
            let known = ModelJob(number: numbers[index], id: id, uniqueKey: new.uniqueKey)
            let expected = model.enqueue(
                known, to: queue, isOwnID: new.id != nil, delay: delays[index])
            try expect("enqueued \(known)", expected, found)
            ids.append(id)
        }
    }

    mutating func push(_ count: Int, to queue: QueueName, _ areGarbage: Bool) async throws {
        let jobs = (0..<count).map { _ in
            ModelJob(number: takeNumber(), isGarbage: areGarbage)
        }
        try await place.stand.push(jobs.map(\.foreignRecord), to: queue)
        for job in jobs { model.push(job, to: queue) }
    }

    private mutating func takeNumber() -> Int {
        defer { nextNumber += 1 }
        return nextNumber
    }

    // MARK: - Operators

    mutating func requeue(_ slot: Slot, _ selection: Operation.Selection) async throws {
        let (meant, isMeant) = meaning(of: selection)
        let before = model.queues.mapValues(\.pending.count)
        var changed: [String] = []
        var refused: [String] = []
        for queue in queues {
            let (moved, kept) = model.requeue(in: queue, where: isMeant)
            changed += moved
            refused += kept
        }
        if case .ids(let ids) = meant {
            refused += idsElsewhere(ids, than: changed + refused)
        }
        let result = try await slot.daemon.broker.requeue(meant)
        try expect("requeued", changed.sorted(), result.changed.sorted())
        try expect("not requeued", refused.sorted(), result.refused.map(\.id).sorted())
        for queue in queues { try await adoptTail(of: queue, behind: before[queue] ?? 0) }
    }

    mutating func delete(_ slot: Slot, _ selection: Operation.Selection) async throws {
        let (meant, isMeant) = meaning(of: selection)
        var onlyDead = true
        if case .ids = meant { onlyDead = false }
        var dropped: [String] = []
        for queue in queues {
            dropped += model.delete(in: queue, onlyDead: onlyDead, where: isMeant)
        }
        var refused: [String] = []
        if case .ids(let ids) = meant { refused = idsElsewhere(ids, than: dropped) }
        let result = try await slot.daemon.broker.delete(meant)
        try expect("deleted", dropped.sorted(), result.changed.sorted())
        try expect("not deleted", refused.sorted(), result.refused.map(\.id).sorted())
    }

    /// Which of those that died in the same hour go first, the broker decides.
    mutating func trim(_ slot: Slot, _ queue: QueueName, to count: Int) async throws {
        let former = model.queues[queue]?.dead ?? []
        let slice = try await slot.daemon.broker.trimDead(in: queue, to: DeadLimits(count: count))
        try expect(
            "dropped", TrimmedSlice(dropped: max(0, former.count - count), hasMore: false), slice)
        let found = try await place.stand.records(.dead, in: queue).compactMap { ModelJob($0) }
        try expect("how many stay", min(former.count, count), found.count)
        let kept = former.filter { found.contains($0) }
        try expect("how many of those were there", found.count, kept.count)
        model.queues[queue]?.dead = kept
    }

    func find(_ slot: Slot, _ selection: Operation.Selection) async throws {
        guard case (.ids(let ids), _) = meaning(of: selection), let id = ids.first else { return }
        var found: [QueueName: [JobState: Int]] = [:]
        for queue in queues { found[queue] = [:] }
        for record in try await slot.daemon.broker.find(id) {
            found[record.queue, default: [:]][record.state, default: 0] += 1
        }
        try expect("where \(id) is", model.states(of: id.description), found)
    }

    private func meaning(
        of selection: Operation.Selection
    ) -> (DeadSelection, (ModelJob) -> Bool) {
        switch selection {
        case .all: return (.all(type: nil), { _ in true })
        case .ofType(let type):
            return (.all(type: JobType(type)), { $0.type == type && !$0.isGarbage })
        case .ids(let numbers):
            let ids = numbers.compactMap { JobID("id-\($0)") }.reduce(into: [JobID]()) {
                if !$0.contains($1) { $0.append($1) }
            }
            return (.ids(ids), { job in ids.contains { $0.description == job.id } })
        case .job(let number):
            let ids = [ids[anyNumber: number]].compactMap { $0.flatMap { JobID($0) } }
            return (.ids(ids), { job in ids.contains { $0.description == job.id } })
        }
    }

    /// Ids that are not among `done`, of jobs that are somewhere else.
    private func idsElsewhere(_ ids: [JobID], than done: [String]) -> [String] {
        ids.map(\.description).filter { id in
            !done.contains(id) && model.states(of: id).values.contains { !$0.isEmpty }
        }
    }

    /// Jobs that died in the same millisecond go back in an order that only the broker knows.
    private mutating func adoptTail(of queue: QueueName, behind count: Int) async throws {
        let found = try await place.stand.records(.pending, in: queue).compactMap { ModelJob($0) }
        let expected = model.queues[queue]?.pending ?? []
        func sorted(_ jobs: [ModelJob]) -> [ModelJob] {
            jobs.dropFirst(count).sorted { $0.number < $1.number }
        }
        try expect("what went back", sorted(expected), sorted(found))
        model.queues[queue]?.pending = Array(expected.prefix(count) + found.dropFirst(count))
    }
}
