import JobQueue
import Redis

/// Claiming, finishing, keeping the lease.
extension RedisBroker: WorkerBroker {
    package func claim(
        _ count: Int, from queue: QueueName, _ source: ClaimSource
    ) async throws -> ClaimReply {
        let count = min(count, Slice.count)
        guard count > 0 else { return ClaimReply(claims: [], rest: .more) }
        while true {
            let connection = try await client.connection()
            try tellLoss()
            if !refusedClaims.isEmpty { try await adoptRefused(on: connection) }
            if !adopted.isEmpty {
                // They are older than what there is to claim.
                try await putBackAdopted()
                continue
            }
            let claim = newClaim(count, from: queue, source)
            do {
                let reply = try await connection.run(claim.call, timeout: options.commandTimeout)
                return try note(reply, to: claim)
            } catch let error as RedisError {
                // A missing permission is dealt with first: until then each claim would copy the same jobs.
                if error.mayHaveClaimed, !error.isForbidden {
                    await adoptRefused(claim)
                    // They are what this claim was to bring.
                    if let found = adopted[queue], !found.isEmpty, found.count <= count {
                        adopted[queue] = nil
                        return ClaimReply(claims: found, rest: .more)
                    }
                }
                try await recoverFrom(error, on: connection, queue: queue, as: claim.worker)
            }
        }
    }

    package func typesAside() async throws -> [QueueName: [JobType]] {
        let queues = options.worker?.queues ?? []
        let requests = queues.map { queue in
            RedisRequest.command(
                RedisCommand(
                    "SSCAN", keys.of(queue).aside, asideCursors[queue] ?? "0", "COUNT", "100"))
        }
        let results: [Result<RedisReply, RedisError>]
        do {
            results = await (try client.connectionNow())
                .perform(requests, timeout: options.commandTimeout)
        } catch {
            throw BrokerError(error)
        }
        var types: [QueueName: [JobType]] = [:]
        for (queue, result) in zip(queues, results) {
            switch result {
            case .success(let reply):
                let parts = try reply.array()
                guard parts.count == 2 else { continue }
                asideCursors[queue] = try parts[0].text()
                // Whoever put something else there gets no type of it.
                types[queue] = try parts[1].array().compactMap { JobType(try $0.text()) }
            // The next job that goes there is refused, and that is told.
            case .failure(let error) where error.serverCode == "WRONGTYPE": continue
            case .failure(let error) where error.isMereRefusal:
                throw BrokerError.refused(error, in: queue)
            case .failure(let error): throw BrokerError(error)
            }
        }
        return types
    }

    package func finish(_ batch: [Finish]) async throws -> [FinishResult] {
        var plan = FinishPlan(batch)
        var failure: BrokerError?
        while !plan.isDone {
            let connection = try await client.connection()
            let slices = plan.nextSlices()
            let worker = identity.worker
            let calls = slices.map { slice in
                plan.call(slice, keys: keys, present: identity)
            }
            let results = await connection.run(calls, timeout: options.commandTimeout)
            var interruption: RedisError?
            for (slice, result) in zip(slices, results) {
                do {
                    plan.settle(slice, refused: try result.get().asIntegers())
                    forget(slice, of: plan)
                } catch  where error.isMereRefusal && !error.endsConnection {
                    let refusal = BrokerError(error)
                    plan.fail(slice, refusal)
                    if !error.isOneQueues { failure = refusal }
                } catch {
                    plan.mayHaveBeenSent(slice, error.wasSent || error.endsConnection)
                    if error.endsConnection {
                        await connection.close(reason: error.description)
                    } else {
                        interruption = error
                    }
                }
            }
            if let interruption {
                try await recoverFrom(interruption, on: connection, queue: nil, as: worker)
            }
        }
        if let failure, !plan.results.contains(.written) { throw failure }
        return plan.results
    }

    package func heartbeat() async throws {
        let connection = try await client.connection()
        try tellLoss()
        guard let worker = options.worker else { return }
        let present = identity
        let sentAt = options.clock.now
        func noteKept() {
            ownLease.kept(sentAt: sentAt, answeredAt: options.clock.now, lease: worker.lease)
        }
        let calls = worker.queues.map { queue in
            let names = keys.of(queue)
            return ScriptCall(
                Scripts.heartbeat,
                keys: [names.active(present.worker.description), names.workers],
                arguments: [
                    present.worker.description, String(present.epoch),
                    String(worker.lease.wholeMilliseconds),
                ])
        }
        async let described: Void = describe(worker, on: connection)
        let results = await connection.run(calls, timeout: options.commandTimeout)
        await described
        let failures = zip(worker.queues, results).compactMap { queue, result in
            if case .failure(let error) = result { (queue, error) } else { nil }
        }
        // What one queue is refused says nothing of the others, but a lost lease must be heard of.
        let gravest = failures.first { $0.1.serverCode == "LEASELOST" } ?? failures.first
        guard let (queue, error) = gravest else { return noteKept() }
        guard error.isMereRefusal else {
            return try await recoverFrom(
                error, on: connection, queue: queue, as: present.worker)
        }
        if failures.count < results.count { noteKept() }
        throw BrokerError.refused(error, in: queue)
    }

    package func renewIdentity(after worker: String) async -> Bool {
        if identity.worker.description == worker {
            await beginAnew()
            return true
        }
        guard let lost = untoldLosses.keys.first(where: { $0.description == worker }) else {
            return false
        }
        untoldLosses[lost] = nil
        return true
    }

    package func retire() async throws {
        guard let worker = options.worker else { return }
        // What cannot be read is found by registering again.
        if !refusedClaims.isEmpty { unansweredEpoch = identity.epoch }
        try await fenceUnansweredClaim(worker)
        try await putBackAdopted()
        // From here on a new connection does not register again. Signing off twice does no harm.
        hasRetired = true
        let present = identity
        let calls = worker.queues.map { queue in
            let names = keys.of(queue)
            return ScriptCall(
                Scripts.retire,
                keys: [names.active(present.worker.description), names.workers, names.leases],
                arguments: [present.worker.description, String(present.epoch)])
        }
        let requests =
            calls.map(RedisRequest.script)
            + [.command(RedisCommand("DEL", keys.worker(present.worker.description)))]
        while true {
            let connection = try await client.connection()
            let results = await connection.perform(requests, timeout: options.commandTimeout)
            let failures = results.compactMap {
                if case .failure(let error) = $0 { error } else { nil }
            }
            guard let failure = failures.first else { return }
            try await recoverFrom(failure, on: connection, queue: nil, as: present.worker)
        }
    }

    package func abandon() async {
        hasRetired = true
        // Without a connection nobody awaits an answer.
        try? await client.connectionNow().close(reason: "the time to sign off is over")
    }

    /// Puts claims whose answer was lost, and which nobody took up, back to the head of pending. After
    /// a cut they are known when the worker has registered anew, so a connection is awaited.
    private func putBackAdopted() async throws {
        while true {
            if !hasRetired { _ = try await client.connection() }
            let left = adopted.values.flatMap { $0 }
            adopted = [:]
            if left.isEmpty { return }
            do {
                _ = try await finish(
                    left.map { Finish(token: $0.token, outcome: .putBack(.pending)) })
            } catch {
                for claim in left where claim.token.worker == identity.worker {
                    adopted[claim.token.queue, default: []].append(claim)
                }
                throw error
            }
        }
    }

    /// Puts such claims back as soon as there are any, because a claim that meets them may be long in
    /// coming: they run nowhere, and nobody else may take them.
    func putBackLoop() async {
        while !Task.isCancelled {
            await adoptedBell.wait()
            do {
                if !hasRetired { try await putBackAdopted() }
            } catch {
                // What Redis refuses is told of by the claims and outcomes that it refuses as well.
                // Cancellation ends the pause, and with it the loop.
                try? await options.clock.sleep(for: Self.putBackPause)
                adoptedBell.ring()
            }
        }
    }

    private static let putBackPause = Duration.seconds(1)
}

// MARK: - The lease

extension RedisBroker {
    /// Registers this worker on a new connection under a higher epoch, and takes up what it holds
    /// there without knowing it: claims whose answer was lost.
    func register(
        _ worker: WorkerSide, on connection: RedisConnection
    ) async throws {
        let sentAt = options.clock.now
        if identity.epoch == 0 { options.identityChanged(identity.worker) }
        identity.beginEpoch()
        let present = identity
        let calls = worker.queues.map { queue in
            let names = keys.of(queue)
            return ScriptCall(
                Scripts.register,
                keys: [names.active(present.worker.description), names.workers, names.leases],
                arguments: [
                    present.worker.description, String(present.epoch),
                    String(worker.lease.wholeMilliseconds),
                    present.registered.contains(queue) ? "0" : "1",
                ])
        }
        let results = await connection.run(calls, timeout: options.commandTimeout)
        for (queue, result) in zip(worker.queues, results) {
            switch result {
            case .success(let reply):
                identity.registered.insert(queue)
                try await adopt(try reply.asTexts(), in: queue, on: connection)
            case .failure(let error):
                if error.serverCode == "LEASELOST" {
                    untoldLosses[identity.worker] = queue
                    await beginAnew()
                }
                throw error
            }
        }
        try await announceIfThereIsRoom(Set(worker.queues), on: connection)
        await describe(worker, on: connection)
        ownLease.kept(sentAt: sentAt, answeredAt: options.clock.now, lease: worker.lease)
    }

    /// Takes up the entries among `tokens` that this worker does not know.
    func adopt(
        _ tokens: [String], in queue: QueueName, on connection: RedisConnection
    ) async throws {
        let waiting = adopted[queue, default: []].map(\.token.number)
        let known = identity.held[queue, default: HeldTokens()]
        let unknown = tokens.compactMap { UInt64($0) }
            .filter { !known.contains($0) && !waiting.contains($0) }.sorted()
        for number in unknown {
            let active = keys.of(queue).active(identity.worker.description)
            let held = try await connection.run(
                Self.heldCall(active, [String(number)]), timeout: options.commandTimeout
            ).asArray()
            guard let envelope = held.first, envelope != .null else { continue }
            let token = LeaseToken(worker: identity.worker, queue: queue, number: number)
            let claim = try Claim(token: token, envelope)
            identity.held[queue, default: HeldTokens()].insert(from: number, count: 1)
            adopted[queue, default: []].append(claim)
        }
        if !adopted.isEmpty { adoptedBell.ring() }
    }

    /// A new identity, on a new connection. What was claimed before stays under the old one.
    private func beginAnew() async {
        identity = Identity(worker: Self.newWorker(options))
        adopted = [:]
        refusedClaims = []
        unansweredEpoch = nil
        ownLease.lose()
        // Without a connection there is nothing to close, and the next one registers anew.
        try? await client.connectionNow().close(reason: "the lease was lost")
    }

    /// Throws what the worker must hear of a loss that was found while connecting.
    private func tellLoss() throws(BrokerError) {
        guard let (worker, queue) = untoldLosses.first else { return }
        throw .leaseLost(worker: worker.description, queue: queue.description)
    }

    /// After an error: returns when the request should be made again, else throws.
    func recoverFrom(
        _ error: RedisError, on connection: RedisConnection, queue: QueueName?, as worker: WorkerID
    ) async throws {
        switch error {
        case .unreachable, .connectionLost:
            // The client connects anew, and whoever asks waits for that.
            return
        case .server(let code, let message):
            switch RedisRefusal(code: code) {
            case .reconnect:
                await connection.close(reason: message)
                return
            case .forbidden:
                // The next connection finds all that is missing, and waits until it is there.
                await connection.close(reason: message)
                return
            case .leaseLost, .keep:
                throw BrokerError(
                    error, worker: worker.description,
                    queue: queue?.description ?? "")
            }
        case .badAddress, .unexpectedReply:
            throw BrokerError(error)
        }
    }

    /// Tells operators who this worker is. Only for them, so a failure (a full Redis) does no harm.
    private func describe(
        _ worker: WorkerSide, on connection: RedisConnection
    ) async {
        let key = keys.worker(identity.worker.description)
        let life = String(max(1000, (worker.lease * 3).wholeMilliseconds))
        let timeout = options.commandTimeout
        let kept = await connection.send([RedisCommand("PEXPIRE", key, life)], timeout: timeout)
        // Who has signed off meanwhile is not made known again.
        guard case .success(.integer(0)) = kept[0], !hasRetired else { return }
        _ = await connection.send(
            [
                RedisCommand(
                    "HSET", key, "host", worker.host, "pid", String(worker.pid), "version",
                    worker.version, "concurrency", String(worker.concurrency), "started_at",
                    String(options.clock.unixMilliseconds)),
                RedisCommand("PEXPIRE", key, life),
            ], timeout: timeout)
    }
}

// MARK: - What is held

extension RedisBroker {
    private func forget(_ slice: FinishPlan.Slice, of plan: FinishPlan) {
        guard slice.worker == identity.worker else { return }
        identity.held[slice.queue]?.remove(plan.tokens(of: slice))
    }
}
