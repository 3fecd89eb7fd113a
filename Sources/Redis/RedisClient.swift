import EventLoop

/// A connection that comes back: makes it, logs in, prepares it, and when it is lost makes another,
/// waiting a little longer each time.
///
/// `run()` drives it. A `RedisConnection` that is over is never used again.
package actor RedisClient {
    /// What a client tells of itself.
    package enum Change: Sendable {
        case connected
        /// The connection was lost, or could not be made or prepared. Told once for each try.
        case disconnected(any Error)
    }

    /// How to make a connection. All of it is called on the loop.
    package struct Options: Sendable {
        package var address: RedisAddress
        /// After so long a connection that is not logged in is given up. All addresses of a name share it.
        package var connectTimeout: Duration = .seconds(5)
        /// Finds the numeric addresses of a host name without blocking the loop.
        package var resolve: @Sendable (_ host: String) async throws -> [String]
        /// A random number of 0..<1, for the jitter of the waits.
        package var random: @Sendable () -> Double

        package init(
            address: RedisAddress,
            resolve: @escaping @Sendable (_ host: String) async throws -> [String],
            random: @escaping @Sendable () -> Double
        ) {
            self.address = address
            self.resolve = resolve
            self.random = random
        }
    }

    private nonisolated let loop: EventLoop
    private let options: Options
    private var published: RedisConnection?
    private var waiters: [UInt64: CheckedContinuation<RedisConnection?, Never>] = [:]
    private var lastWaiter: UInt64 = 0
    private var isStopped = false
    private var addresses = AddressRound()

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        loop.asUnownedSerialExecutor()
    }

    package init(loop: EventLoop, options: Options) {
        self.loop = loop
        self.options = options
    }

    /// Keeps a connection until the task is cancelled; then closes it.
    ///
    /// - Parameters:
    ///   - permission: Awaited before each try: who has several clients lets one of them try for all.
    ///   - prepare: Readies a new connection that is logged in; an error closes it, and it is tried
    ///     again.
    ///   - changed: Told of each connection that is ready, and of each that failed.
    package func run(
        permission: @Sendable () async throws -> Void = {},
        prepare: @Sendable (RedisConnection) async throws -> Void = { _ in },
        changed: @Sendable (Change) async -> Void = { _ in }
    ) async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                try await permission()
                let connection = try await connect(prepare)
                let begin = ContinuousClock.now
                publish(connection)
                await changed(.connected)
                let reason = await withTaskCancellationHandler {
                    await connection.waitForEnd()
                } onCancel: {
                    // Nobody waits for this task: `waitForEnd` returns when it has closed.
                    Task(executorPreference: loop) { await connection.close() }
                }
                published = nil
                backoff.connectionLasted(.now - begin)
                if Task.isCancelled { break }
                await changed(
                    .disconnected(
                        RedisError.connectionLost(address: displayName, reason: reason)))
            } catch {
                if Task.isCancelled { break }
                await changed(.disconnected(error))
            }
            // Cancellation ends the wait, and with it the loop.
            try? await loop.sleep(for: backoff.next(share: options.random()))
        }
        isStopped = true
        for waiter in waiters.values { waiter.resume(returning: nil) }
        waiters = [:]
    }

    /// The connection, as soon as there is one. Throws `CancellationError` when the task is cancelled
    /// or the client is stopped.
    package func connection() async throws -> RedisConnection {
        if let current { return current }
        try Task.checkCancellation()
        lastWaiter += 1
        let number = lastWaiter
        let connection = await withTaskCancellationHandler {
            await awaitConnection(number)
        } onCancel: {
            // Nobody waits for this task: it resumes the one that waits above.
            Task(executorPreference: loop) { await self.giveUp(number) }
        }
        guard let connection else { throw CancellationError() }
        return connection
    }

    /// The connection that there is now.
    package func connectionNow() throws(RedisError) -> RedisConnection {
        guard let current else {
            throw .unreachable(address: displayName, reason: "not connected")
        }
        return current
    }

    private var displayName: String { options.address.displayName }

    /// The published connection, unless it is over: whoever waited on it hears of its end before
    /// `run()` does, and would get it again and again, never letting `run()` have its turn.
    private var current: RedisConnection? {
        guard let published, !published.assumeIsolated({ $0.isClosed }) else { return nil }
        return published
    }

    private func awaitConnection(_ number: UInt64) async -> RedisConnection? {
        await withCheckedContinuation { continuation in
            if isStopped || Task.isCancelled { return continuation.resume(returning: nil) }
            // On the way in here others may have had their turn, and published one.
            if let current { return continuation.resume(returning: current) }
            waiters[number] = continuation
        }
    }

    private func giveUp(_ number: UInt64) {
        waiters.removeValue(forKey: number)?.resume(returning: nil)
    }

    private func publish(_ connection: RedisConnection) {
        published = connection
        for waiter in waiters.values { waiter.resume(returning: connection) }
        waiters = [:]
    }

    // MARK: - Connecting

    /// A connection that is logged in and prepared: to the first address that makes one.
    private func connect(
        _ prepare: @Sendable (RedisConnection) async throws -> Void
    ) async throws -> RedisConnection {
        guard case .tcp(let host, let port) = options.address.place else {
            return try await connect(to: options.address, within: options.connectTimeout, prepare)
        }
        try await lookUp(host)
        let round = addresses.next(within: options.connectTimeout)
        var failures: [(host: String, error: any Error)] = []
        for host in round.hosts {
            var address = options.address
            address.place = .tcp(host: host, port: port)
            do {
                let connection = try await connect(to: address, within: round.limit, prepare)
                addresses.worked(host)
                return connection
            } catch {
                try Task.checkCancellation()
                failures.append((host, error))
            }
        }
        throw failure(of: failures)
    }

    /// A name server that is away does no harm to who knows the addresses from before.
    private func lookUp(_ host: String) async throws {
        do {
            addresses.know(try await options.resolve(host))
        } catch {
            guard !addresses.isEmpty, !Task.isCancelled else { throw error }
        }
        guard !addresses.isEmpty else {
            throw RedisError.unreachable(address: displayName, reason: "\(host) has no address")
        }
    }

    /// Of several: what a server has answered tells most; else each with its address.
    private func failure(of failures: [(host: String, error: any Error)]) -> any Error {
        if failures.count == 1 { return failures[0].error }
        let answered = failures.first { failure in
            switch failure.error as? RedisError {
            case .unreachable, .connectionLost: false
            default: true
            }
        }
        if let answered { return answered.error }
        let reasons = failures.map { failure in
            switch failure.error as? RedisError {
            case .unreachable(_, let reason), .connectionLost(_, let reason):
                "\(failure.host): \(reason)"
            default: "\(failure.host): \(failure.error)"
            }
        }
        return RedisError.unreachable(
            address: displayName, reason: reasons.joined(separator: ", "))
    }

    private func connect(
        to address: RedisAddress, within limit: Duration,
        _ prepare: @Sendable (RedisConnection) async throws -> Void
    ) async throws -> RedisConnection {
        let connection = try await RedisConnection(loop: loop, address: address)
        do {
            try await withTaskCancellationHandler {
                // What is sent here fails when the time is over, so that `prepare` cannot hang.
                try await logIn(connection, within: limit)
                try await prepare(connection)
            } onCancel: {
                // Nobody waits for this task: what awaits an answer above fails with it.
                Task(executorPreference: loop) { await connection.close(reason: "stopped") }
            }
            guard await !connection.isClosed else {
                throw RedisError.connectionLost(
                    address: displayName, reason: await connection.waitForEnd())
            }
            return connection
        } catch {
            await connection.close(reason: String(describing: error))
            throw error
        }
    }

    private func logIn(
        _ connection: RedisConnection, within timeout: Duration
    ) async throws(RedisError) {
        if let password = options.address.password {
            let words = ["AUTH"] + (options.address.user.map { [$0] } ?? []) + [password]
            _ = try await connection.send(RedisCommand(words: words), timeout: timeout)
        }
        if options.address.database != 0 {
            let select = RedisCommand("SELECT", String(options.address.database))
            _ = try await connection.send(select, timeout: timeout)
        }
        // The first answer also shows that the connection was made at all.
        do {
            _ = try await connection.send(RedisCommand("PING"), timeout: timeout)
        } catch {
            // While its disk fails, Redis refuses even this. It reads and tells its reason all the same.
            guard error.serverCode == "MISCONF" else { throw error }
        }
    }
}
