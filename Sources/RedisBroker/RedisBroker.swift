import EventLoop
import JobQueue
import Redis

/// The broker on Redis. Every change of a job's state is one script; see `Scripts/`.
///
/// `run()` keeps the connections: one for commands, one for operators while it is
/// wanted, and one for each queue that waits for work. The faces of the port are in files of their own.
package actor RedisBroker {
    let options: RedisBrokerOptions
    let keys: Keys
    let client: RedisClient
    /// Of operators and pages; see `OperatorConnection.swift`.
    let operators: RedisClient
    private let waiters: [QueueName: RedisClient]
    nonisolated let loop: EventLoop
    nonisolated let gathering = EnqueueGathering()
    nonisolated let enqueueSetting: EnqueuePlan.Setting

    /// Who this worker is; the epoch in it is the present connection's.
    var identity: Identity
    /// Claims that the worker was not given: their answer was lost, and they were found when the worker
    /// registered anew; or it came when nobody awaited it any more. They go back to the head of pending.
    var adopted: [QueueName: [Claim]] = [:]
    /// Rings when there are some.
    nonisolated let adoptedBell = Bell()
    /// How far the types of which jobs wait aside were told.
    var asideCursors: [QueueName: String] = [:]
    /// Claims that Redis refused, maybe halfway, and of which it has not told yet what they brought.
    var refusedClaims: [ClaimOnItsWay] = []
    /// The epoch of the last claim behind a wait whose answer was lost.
    var unansweredEpoch: UInt64?
    /// Identities that were lost, and in which queue, of which the worker was not told yet.
    var untoldLosses: [WorkerID: QueueName] = [:]
    var pausedQueues: Set<QueueName> = []
    var ownLease = OwnLease()
    /// The leases of others, by this daemon's clock.
    var othersLeases: [QueueName: LeaseWatch] = [:]
    /// Queues whose name is known to be in the set of queues.
    var announced: Set<QueueName> = []
    /// For the age of jobs that came without the time of their enqueue.
    var pendingHeads = PendingHeads()
    var hasRetired = false
    /// How often the connection was lost on which a large record was to be given back from a lost worker.
    var recoverLosses: [String: Int] = [:]
    let operatorBell = Bell()
    /// An operator waits for a connection.
    var areOperatorsWaiting = false
    /// How many requests of operators await their answers.
    var operatorCalls = 0
    var lastOperatorCall = MonotonicTime(nanoseconds: 0)
    /// What an administrator should know of the server.
    private var warnings: [String] = []

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The executor lives as long as `loop`, which this actor owns.
        unsafe loop.asUnownedSerialExecutor()
    }

    package init(loop: EventLoop, options: RedisBrokerOptions) {
        self.loop = loop
        self.options = options
        keys = Keys(namespace: options.namespace, queues: options.worker?.queues ?? [])
        enqueueSetting = EnqueuePlan.Setting(keys: keys, options: options)
        identity = Identity(worker: Self.newWorker(options))

        var client = RedisClient.Options(
            address: options.address, resolve: options.resolve,
            random: { options.random.share })
        client.connectTimeout = options.connectTimeout
        self.client = RedisClient(loop: loop, options: client)
        operators = RedisClient(loop: loop, options: client)
        waiters = Dictionary(
            uniqueKeysWithValues: (options.worker?.queues ?? []).map {
                ($0, RedisClient(loop: loop, options: client))
            })
    }

    /// Keeps the connections until the task is cancelled.
    package func run() async {
        await withTaskGroup { group in
            group.addTask {
                await self.client.run(
                    prepare: { try await self.prepare($0) }, changed: { await self.note($0) })
            }
            group.addTask { await self.runOperatorConnection() }
            group.addTask { await self.closeIdleOperatorConnection() }
            group.addTask { await self.putBackLoop() }
            for waiter in waiters.values {
                // However many queues there are, one client tries whether Redis is back.
                group.addTask {
                    await waiter.run(
                        permission: { try await self.awaitTurn() },
                        prepare: { connection in
                            try await connection.load(
                                [Scripts.claim], timeout: self.options.commandTimeout)
                        })
                }
            }
        }
    }

    /// Lets a queue's connection be made as soon as Redis is there; where they are many, not all of them in
    /// one moment.
    private func awaitTurn() async throws {
        _ = try await client.connection()
        let many = waiters.count - Self.madeAtOnce
        guard many > 0 else { return }
        let span = min(Self.shortestGap * many, Self.longestTurn)
        try await options.clock.sleep(for: span * options.random.share)
    }

    private static let madeAtOnce = 8
    private static let shortestGap = Duration.milliseconds(2)
    private static let longestTurn = Duration.seconds(2)

    /// This worker's identity in Redis at the moment.
    package var workerID: WorkerID { identity.worker }

    func waiter(of queue: QueueName) -> RedisClient? { waiters[queue] }

    /// The connection, also when it is not there yet but comes within `limit`.
    func connection(within limit: Duration) async throws(RedisError) -> RedisConnection {
        if let connection = try? await client.connectionNow() { return connection }
        let found = await within(limit, options.clock) {
            // `nil` is for both: stopped, and no connection in time.
            try? await self.client.connection()
        }
        if let connection = found ?? nil { return connection }
        return try await client.connectionNow()
    }

    /// How long a producer or a change by an operator waits for a connection that is being renewed.
    static let patience = Duration.seconds(2)

    /// For the log and for operators: how long Redis takes to answer.
    package func ping() async throws -> Duration {
        let started = options.clock.now
        do {
            _ = try await client.connectionNow().send(
                RedisCommand("PING"), timeout: options.commandTimeout)
        } catch {
            throw BrokerError(error)
        }
        return options.clock.now.since(started)
    }

    static func newWorker(_ options: RedisBrokerOptions) -> WorkerID {
        WorkerID(
            unixMilliseconds: options.clock.unixMilliseconds,
            random: UInt32(truncatingIfNeeded: options.random.bits()))
    }
}

// MARK: - A new connection

extension RedisBroker {
    /// Checks the server, loads the scripts, and registers the worker on the new connection.
    private func prepare(_ connection: RedisConnection) async throws {
        var check = try await check(connection)
        try await lookAtPermissions(on: connection, into: &check)
        if let refusal = check.refusal { throw refusal }
        warnings = check.warnings
        try await connection.load(Scripts.all, timeout: options.commandTimeout)
        if let worker = options.worker, !hasRetired { try await register(worker, on: connection) }
    }

    /// Without this a lacking permission would be met one command at a time, each in the middle of a move.
    private func lookAtPermissions(
        on connection: RedisConnection, into check: inout ServerCheck
    ) async throws {
        guard let worker = options.worker else { return }
        let permissions = try await Permissions(
            of: connection, keys: keys, worker: identity.worker,
            queues: worker.queues.prefix(Self.queuesLookedAt), timeout: options.commandTimeout)
        if let refusal = permissions.refusal(namespace: options.namespace) {
            check.refusals.append(refusal)
        }
        if let warning = permissions.warning(namespace: options.namespace) {
            check.warnings.append(warning)
        }
    }

    private static let queuesLookedAt = 100

    /// Looks whether the server is fit to keep jobs.
    private func check(_ connection: RedisConnection) async throws -> ServerCheck {
        let timeout = options.commandTimeout
        let info = await connection.send([RedisCommand("INFO")], timeout: timeout)[0]
        if case .failure(let error) = info, error.isMissingCommand {
            let ask = RedisCommand("CONFIG", "GET", "maxmemory-policy")
            // Where this is refused, too, the policy is not known.
            let policy = try? await connection.send(ask, timeout: timeout).asTexts().last
            return ServerCheck(
                withoutInfo: error, policy: policy, allowsEviction: options.allowsEviction)
        }
        let text = try info.get().asText()
        if text.contains("loading:1\r\n") && !text.contains("async_loading:1\r\n") {
            throw RedisError.server(code: "LOADING", message: "Redis is loading its data")
        }
        return ServerCheck(info: text, allowsEviction: options.allowsEviction)
    }

    private func note(_ change: RedisClient.Change) {
        switch change {
        case .connected:
            options.changed(.up(warnings: warnings))
        case .disconnected(let error):
            announced = []
            options.changed(Self.change(after: error))
        }
    }

    /// What Redis answers may pass by itself, so that a start waits for it, unless only a person can mend it.
    private static func change(after error: any Error) -> ConnectionChange {
        switch error {
        case let error as UnfitServer:
            .unfit(reason: error.description, passes: error.passes)
        // A lost lease is told by itself; the next connection has a new one.
        case let error as RedisError
        where error.serverCode != nil && error.serverCode != "LEASELOST":
            .unfit(reason: advice(on: error), passes: !error.needsPerson)
        default: .down(reason: String(describing: error))
        }
    }

    /// What an administrator can do about a refusal.
    private static func advice(on error: RedisError) -> String {
        String(describing: BrokerError(error))
    }
}
