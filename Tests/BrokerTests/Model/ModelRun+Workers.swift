import JobQueue

/// What workers do, on both sides.
extension ModelRun {
    mutating func claim(
        _ number: Int, _ queue: QueueName, _ count: Int, _ source: ClaimSource
    ) async throws {
        let slot = slots[number]
        switch model.claimable(count, from: queue, source, by: slot.worker) {
        case .leaseLost:
            let error = BrokerError.leaseLost(worker: slot.worker, queue: queue.description)
            try await expectLost(number, error) {
                _ = try await slot.daemon.broker.claim(count, from: queue, source)
            }
        case .paused:
            let reply = try await slot.daemon.broker.claim(count, from: queue, source)
            try expect("the rest of a paused queue", .paused, reply.rest)
            try expect("claims from a paused queue", 0, reply.claims.count)
        case .jobs(let jobs, let isEmpty):
            let reply = try await slot.daemon.broker.claim(count, from: queue, source)
            try expect("claimed", jobs, reply.claims.compactMap { ModelJob($0.envelope) })
            try expect("the rest", isEmpty ? .empty : .more, reply.rest)
            let known = Set(claims.map(\.claim.token))
            for claim in reply.claims {
                try expect("the claim's worker", slot.worker, claim.token.worker.description)
                try expect("an old token", false, known.contains(claim.token))
                if let id = try? claim.jobID.description { ids.append(id) }
                claims.append(KnownClaim(claim: claim))
            }
            model.take(reply.claims.map { $0.token.modelToken }, from: queue, source)
        }
    }

    mutating func finish(_ slot: Slot, _ endings: [Operation.Ending]) async throws {
        var batch: [Finish] = []
        var expected:
            [(
                token: ReferenceModel.Token, queue: QueueName, outcome: ReferenceModel.Outcome,
                unique: UniqueKey?
            )] = []
        var chosen: Set<Int> = []
        var releasers: [QueueName: WorkerID] = [:]
        for ending in endings {
            guard
                let index = Array(claims.indices)[anyNumber: ending.claim],
                chosen.insert(index).inserted
            else { continue }
            let known = claims[index]
            // What two workers give back at once has no order.
            let releaser = releasers[known.claim.token.queue] ?? known.claim.token.worker
            let goesBack = [.release, .putBack, .aside].contains(ending.kind)
            if goesBack, releaser != known.claim.token.worker { continue }
            if goesBack { releasers[known.claim.token.queue] = releaser }
            var (finish, outcome) = ends(of: known.claim, ending)
            finish.isReplay = known.wasFinished
            claims[index].wasFinished = true
            batch.append(finish)
            expected.append(
                (known.claim.token.modelToken, known.claim.token.queue, outcome, finish.unique))
        }
        let written = try await slot.daemon.broker.finish(batch)
        let results: [FinishResult] = model.finish(expected).map { $0 ? .written : .refused }
        try expect("written", results, written)
    }

    /// What a worker writes, and what the model is told of it.
    private mutating func ends(
        of claim: Claim, _ ending: Operation.Ending
    ) -> (Finish, ReferenceModel.Outcome) {
        let id = JobID(firstClaim: claim.token)
        guard let envelope = try? read(claim.envelope) else {
            // What is no job ends dead, and may be acked or given back by nobody.
            let record = UndecodableRecord(
                id: id, raw: claim.envelope, lastError: "no job", failedAt: 1)
            let number = ModelJob(claim.envelope)?.number ?? 0
            let job = ModelJob(number: number, id: id.description, isGarbage: true)
            return (
                Finish(token: claim.token, outcome: .deadLetter(envelope: record.encoded())),
                .dead(job)
            )
        }
        var changes = EnvelopeChanges()
        if envelope.id == nil { changes.id = id }
        switch ending.kind {
        case .ack, .putBack, .aside: break
        case .retry, .deadLetter: changes.attempts = envelope.attempts + 1
        case .release: changes.released = envelope.released + 1
        }
        let record = envelope.updated(changes)
        let unique = envelope.uniqueKey.map { UniqueKey(key: $0, holder: envelope.id ?? id) }
        let job = ModelJob(record) ?? ModelJob(number: 0)
        switch ending.kind {
        case .ack: return (Finish(token: claim.token, outcome: .ack, unique: unique), .ack)
        case .deadLetter:
            return (
                Finish(token: claim.token, outcome: .deadLetter(envelope: record), unique: unique),
                .dead(job)
            )
        case .release:
            return (
                Finish(token: claim.token, outcome: .release(envelope: record)), .release(job)
            )
        case .putBack, .aside:
            // The record stays as it is.
            let place: PutBack =
                switch (ending.kind, ending.delay.isMultiple(of: 2)) {
                case (.putBack, _): .pending
                case (_, true): .aside(envelope.type)
                case (_, false): .asideFirst(envelope.type)
                }
            return (Finish(token: claim.token, outcome: .putBack(place)), .putBack(place))
        case .retry:
            let (delay, order) = takeDelay(hours: ending.delay)
            return (
                Finish(token: claim.token, outcome: .retry(after: delay, envelope: record)),
                .retry(job, hours: ending.delay, order: order)
            )
        }
    }

    /// A delay that is over when so many hours have passed, and not an hour before; and of two the one
    /// that was taken first, first. The time that the test itself takes makes no difference.
    mutating func takeDelay(hours: Int) -> (Duration, order: Int) {
        let order = model.takeOrder()
        return (Self.hour * hours - .seconds(1800) + .milliseconds(order * 500), order)
    }

    mutating func heartbeat(_ number: Int) async throws {
        let slot = slots[number]
        if let lost = model.heartbeat(slot.worker, queues) {
            let error = BrokerError.leaseLost(worker: slot.worker, queue: lost.description)
            try await expectLost(number, error) { try await slot.daemon.broker.heartbeat() }
        } else {
            try await slot.daemon.broker.heartbeat()
            slots[number].noteKept(model.hour)
        }
    }

    /// A worker is told that it was declared lost, and goes on under a new identity.
    private mutating func expectLost(
        _ number: Int, _ expected: BrokerError, _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
            throw ModelMismatch("a lost lease", expected: expected, found: "an answer")
        } catch let error as BrokerError {
            try expect("a lost lease", expected, error)
        }
        let slot = slots[number]
        try expect("renewed", true, await slot.daemon.broker.renewIdentity(after: slot.worker))
        // It has registered when this is answered.
        try await slot.daemon.broker.heartbeat()
        let worker = await slot.daemon.workerID()
        try expect("another identity", false, worker == slot.worker)
        model.register(worker)
        slots[number].worker = worker
        slots[number].heldSince = model.hour
        slots[number].lastSent = model.hour
    }

    // MARK: - Upkeep

    mutating func promote(_ slot: Slot, _ queue: QueueName) async throws {
        let round = try await slot.daemon.broker.promoteDue(in: queue)
        let expected = model.promote(in: queue)
        try expect("promoted", expected.moved, round.moved)
        try expect("something is scheduled still", expected.isAnyLeft, round.nextDue != nil)
    }

    mutating func recover(_ slot: Slot, _ queue: QueueName) async throws {
        let found = try await slot.daemon.broker.recover(in: queue).recoveries
        var expected = model.expired(in: queue, onlyGone: !slot.isUnbroken(model.hour))
        expected[slot.worker] = nil
        try expect("recovered workers", Set(expected.keys), Set(found.map(\.worker)))
        // Of leases that ended in the same hour, the broker knows which ended first.
        let ends = found.map { expected[$0.worker] ?? 0 }
        try expect("the order of their leases' ends", ends.sorted(), ends)
        for recovery in found {
            try expect(
                "jobs of \(recovery.worker)", model.recover(recovery.worker, in: queue),
                recovery.jobs)
        }
    }

    mutating func recoverFormerSelf(_ former: String, _ slot: Slot) async throws {
        guard let worker = WorkerID(former) else { return }
        let found = try await slot.daemon.broker.recoverFormerSelf(worker)
        for queue in queues {
            let jobs = found.first { $0.queue == queue }?.jobs
            try expect("jobs of a former self", model.recover(former, in: queue), jobs)
        }
    }

    mutating func restart() async throws {
        let former = slots.map(\.worker)
        for slot in slots { await slot.daemon.crash() }
        if try await place.restart() { model.endProcess() }
        for index in slots.indices { slots[index] = try await newSlot() }
        for (former, slot) in zip(former, slots) { try await recoverFormerSelf(former, slot) }
    }
}

extension ModelRun.Slot {
    mutating func noteKept(_ hour: Int) {
        if hour - lastSent >= ReferenceModel.lease { heldSince = hour }
        lastSent = hour
    }

    func isUnbroken(_ hour: Int) -> Bool {
        hour - lastSent < ReferenceModel.lease && hour - heldSince >= ReferenceModel.lease
    }
}

extension LeaseToken {
    var modelToken: ReferenceModel.Token {
        ReferenceModel.Token(worker: worker.description, number: number)
    }
}
