import JobQueue

/// Claiming, finishing, keeping the lease, waiting.
extension SQLiteBroker: WorkerBroker {
    package func claim(
        _ count: Int, from queue: QueueName, _ source: ClaimSource
    ) async throws -> ClaimReply {
        let count = min(count, Slice.count)
        guard count > 0 else { return ClaimReply(claims: [], rest: .more) }
        let (worker, first) = takeTokens(count)
        return try await insist {
            // A power cut ends the claim with the worker.
            try await self.store.perform(.change) { file in
                try file.claim(count, from: queue, source, by: worker, firstToken: first)
            }
        }
    }

    package func typesAside() async throws -> [QueueName: [JobType]] {
        let queues = options.worker?.queues ?? []
        let positions = presence.withLock { $0.positionsAside }
        let found = try await store.perform(.look) { file in
            var found: [QueueName: [JobType]] = [:]
            for queue in queues {
                found[queue] = try file.typesAside(in: queue, behind: positions[queue] ?? "")
            }
            return found
        }
        presence.withLock { presence in
            for (queue, types) in found {
                presence.positionsAside[queue] = types.last?.description
            }
        }
        return found
    }

    package func finish(_ batch: [Finish]) async throws -> [FinishResult] {
        guard !batch.isEmpty else { return [] }
        let written = try await insist {
            try await self.store.perform(.outcome) { file in try file.finish(batch) }
        }
        return written.map { $0 ? .written : .refused }
    }

    package func heartbeat() async throws {
        guard let side = options.worker else { return }
        let worker = workerID.description
        let sentAt = clock.now
        let lost = try await store.perform(.look) { file in
            file.leases.keep(worker, side, now: file.clock.now)
        }
        if let lost { throw BrokerError.leaseLost(worker: worker, queue: lost.description) }
        noteKept(sentAt: sentAt, side)
    }

    /// Nothing comes along: a claim is not far.
    package func waitForWork(in queue: QueueName, claiming count: Int) async throws -> ClaimReply {
        guard options.worker?.queues.contains(queue) == true else {
            throw BrokerError.invalid(reason: "queue \(queue) is not one of this worker's")
        }
        // Whoever enters first and looks then misses nothing that comes between.
        let bell = Bell()
        let number = store.waitingRoom.enter(queue, bell)
        defer { store.waitingRoom.leave(number) }
        try Task.checkCancellation()
        if try await store.perform(.look, { file in try file.hasWork(in: queue) }) {
            return .notAsked
        }
        await bell.wait()
        try Task.checkCancellation()
        return .notAsked
    }

    package func renewIdentity(after worker: String) async -> Bool {
        guard beginAnew(after: worker) else { return false }
        // It fails only when the file is closed, and then the next claim tells.
        try? await register()
        return true
    }

    package func retire() async throws {
        guard let side = options.worker else { return }
        noteRetired()
        let worker = workerID.description
        try await store.perform(.look) { file in
            for queue in side.queues { try file.retire(worker, from: queue) }
        }
    }

    /// Asks again as long as another process keeps the file locked. Each try has waited for it.
    private func insist<Value>(_ body: () async throws -> Value) async throws -> Value {
        while true {
            do {
                return try await body()
            } catch BrokerError.unreachable {
                try Task.checkCancellation()
            }
        }
    }
}
