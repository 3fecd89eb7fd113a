import JobQueue
import Redis

/// Enqueuing.
extension RedisBroker: Producer {
    /// Jobs are encoded where the caller runs. Plain ones leave with those of others. What all else needs
    /// prefers the loop, which spares the caller's task a way through the loop's queue at each step.
    package nonisolated func enqueue(_ jobs: [NewJob]) async throws -> [EnqueueResult] {
        guard !jobs.isEmpty else { return [] }
        if NewJob.areFew(jobs, bytes: Slice.bytes) { return try await enqueuePart(jobs[...]) }
        // When one is not acceptable, none is taken in.
        for job in jobs { try EnqueuePlan.check(job, in: enqueueSetting) }
        var results: [EnqueueResult] = []
        results.reserveCapacity(jobs.count)
        // A part at a time, so that many large ones do not lie here all at once.
        for part in NewJob.parts(of: jobs, bytes: Slice.bytes) {
            do {
                results += try await enqueuePart(part)
            } catch let error as BrokerError where !results.isEmpty {
                throw error.after(results.count, of: jobs.count)
            }
        }
        return results
    }

    private nonisolated func enqueuePart(
        _ jobs: ArraySlice<NewJob>
    ) async throws -> [EnqueueResult] {
        let plan = try EnqueuePlan(jobs, in: enqueueSetting)
        if let run = plan.onlyRun, try await enqueueWithOthers(run) {
            return run.ids.map(EnqueueResult.enqueued)
        }
        return try await withTaskExecutorPreference(loop) { try await self.enqueue(plan) }
    }

    /// - Returns: Whether it was done; else nothing was sent.
    private nonisolated func enqueueWithOthers(_ run: PlainRun) async throws(BrokerError) -> Bool {
        let answer = await withCheckedContinuation { continuation in
            if gathering.add(EnqueueGathering.Offer(run: run, answer: continuation)) {
                // Nobody waits for this task: it answers all who wait here.
                Task(executorPreference: loop) { await self.sendGathered() }
            }
        }
        switch answer {
        case .enqueued: return true
        case .notTaken: return false
        case .failed(let error): throw BrokerError(error)
        }
    }

    /// Sends what callers have left, when that can be done at once. Else they hear why not on the long way.
    private func sendGathered() async {
        let groups = gathering.take()
        guard let connection = try? await producers.connectionNow(),
            groups.allSatisfy({ announced.contains($0.queue) })
        else {
            for group in groups { group.answer(.notTaken) }
            return
        }
        let results = await connection.send(
            groups.map { $0.command(keys: keys) }, timeout: options.commandTimeout)
        for (group, result) in zip(groups, results) {
            switch result {
            case .success: group.answer(.enqueued)
            case .failure(let error): group.answer(.failed(error))
            }
        }
    }

    private func enqueue(_ plan: EnqueuePlan) async throws(BrokerError) -> [EnqueueResult] {
        do {
            return try await enqueue(
                plan, on: try await producerConnection(within: Self.patience))
        } catch  where error.wasSent && plan.mayBeSentAgain {
            return try await enqueueAgain(plan, after: error)
        } catch {
            throw BrokerError(error)
        }
    }

    /// Sends once more what may or may not have been carried out: every id is remembered, so nothing is
    /// carried out twice.
    private func enqueueAgain(
        _ plan: EnqueuePlan, after error: RedisError
    ) async throws(BrokerError) -> [EnqueueResult] {
        guard let connection = try? await producerConnection(within: options.commandTimeout)
        else {
            // Now its fate is what matters, not why there is no connection.
            throw BrokerError(error)
        }
        do {
            // What is known now came in by the first sending, as far as anybody can tell.
            return try await enqueue(plan, on: connection).map { result in
                if case .known(let id) = result { .enqueued(id) } else { result }
            }
        } catch let second {
            // Refused or not, what was sent first may still be on its way.
            throw .outcomeUnknown(reason: "\(error); sent again: \(second)")
        }
    }

    private func enqueue(
        _ plan: EnqueuePlan, on connection: RedisConnection
    ) async throws(RedisError) -> [EnqueueResult] {
        try await announce(plan.queues, on: connection)
        return try plan.read(
            await connection.perform(
                plan.requests(keys: keys), timeout: options.commandTimeout))
    }

    /// What is enqueued beside a worker is sent by operators, and leaves on their connection.
    private var producers: RedisClient { options.worker == nil ? client : operators }

    private func producerConnection(
        within limit: Duration
    ) async throws(RedisError) -> RedisConnection {
        if options.worker == nil { return try await connection(within: limit) }
        do {
            return try await operatorConnection(within: limit)
        } catch let error as RedisError {
            throw error
        } catch {
            throw .unreachable(address: options.address.displayName, reason: "it was cancelled")
        }
    }

    /// Makes the queues known to all, once for each connection.
    func announce(
        _ queues: some Collection<QueueName>, on connection: RedisConnection
    ) async throws(RedisError) {
        guard !queues.allSatisfy(announced.contains) else { return }
        let names = Set(queues).subtracting(announced).map(\.description).sorted()
        _ = try await connection.send(
            RedisCommand(words: ["SADD", keys.queues] + names), timeout: options.commandTimeout)
        announced.formUnion(queues)
    }

    /// The same for who claims or pauses, which a full Redis allows: that the set of known queues
    /// cannot grow now is no reason to fail. It is tried again on the next occasion.
    func announceIfThereIsRoom(
        _ queues: some Collection<QueueName>, on connection: RedisConnection
    ) async throws(RedisError) {
        do {
            try await announce(queues, on: connection)
        } catch {
            guard error.serverCode == "OOM" else { throw error }
        }
    }
}
