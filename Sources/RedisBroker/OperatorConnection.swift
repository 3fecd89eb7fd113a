import JobQueue
import Redis

/// The connection of operators, pages and enqueues from outside, so that nothing of theirs stands before a
/// claim, an outcome or a heartbeat. It is made when somebody asks for it, and closed when nobody has for a
/// while.
extension RedisBroker {
    /// Keeps the connection while it is wanted.
    func runOperatorConnection() async {
        await operators.run(
            permission: {
                await self.operatorsAreWanted()
                // One client tries whether Redis is back, for all.
                _ = try await self.client.connection()
            },
            prepare: { connection in
                try await connection.load(Scripts.all, timeout: self.options.commandTimeout)
            },
            changed: { change in
                if case .connected = change { await self.operatorsAreServed() }
            })
    }

    /// Closes the connection when it was not used for a while.
    func closeIdleOperatorConnection() async {
        while !Task.isCancelled {
            // Cancellation ends the wait, and with it the loop.
            try? await options.clock.sleep(for: Self.operatorIdleTime)
            guard operatorCalls == 0,
                options.clock.now.since(lastOperatorCall) >= Self.operatorIdleTime
            else { continue }
            // There may be none.
            try? await operators.connectionNow().close(reason: "not used")
        }
    }

    private func operatorsAreWanted() async {
        while !areOperatorsWaiting, !Task.isCancelled { await operatorBell.wait() }
    }

    private func operatorsAreServed() { areOperatorsWaiting = false }

    /// The operators' connection; made when there is none, unless Redis is known to be away.
    func operatorConnection(within limit: Duration) async throws -> RedisConnection {
        try Task.checkCancellation()
        lastOperatorCall = options.clock.now
        if let connection = try? await operators.connectionNow() { return connection }
        _ = try await connection(within: limit)
        areOperatorsWaiting = true
        operatorBell.ring()
        let found = await within(Self.patience, options.clock) {
            // `nil` is for both: stopped, and no connection in time.
            try? await self.operators.connection()
        }
        try Task.checkCancellation()
        if let connection = found ?? nil { return connection }
        return try await operators.connectionNow()
    }

    /// Makes requests for an operator; fails when there is no connection.
    ///
    /// - Parameter areSafe: They may be made twice: they are made again when Redis has closed a connection
    ///   that was not used for a while.
    func askAll(
        _ requests: [RedisRequest], within limit: Duration = .zero, areSafe: Bool = true
    ) async throws -> [Result<RedisReply, RedisError>] {
        operatorCalls += 1
        defer { operatorCalls -= 1 }
        let begun = options.clock.now
        do {
            let connection = try await operatorConnection(within: limit)
            let results = await connection.perform(requests, timeout: options.commandTimeout)
            guard areSafe, case .failure(let error) = results[0], error.wasSent,
                options.clock.now.since(begun) < .seconds(1)
            else { return results }
            return await (try operatorConnection(within: limit))
                .perform(requests, timeout: options.commandTimeout)
        } catch let error as RedisError {
            throw BrokerError(error)
        }
    }

    func askOne(_ request: RedisRequest, areSafe: Bool = true) async throws -> RedisReply {
        switch try await askAll([request], areSafe: areSafe)[0] {
        case .success(let reply): return reply
        case .failure(let error): throw BrokerError(error)
        }
    }

    /// Longer than between two scrapes.
    private static let operatorIdleTime = Duration.seconds(120)
}
