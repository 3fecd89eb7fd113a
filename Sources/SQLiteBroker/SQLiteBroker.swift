import JobQueue
import Synchronization

/// The embedded broker: a file of jobs, or memory. Every change of a job's state is part of one
/// transaction; see `JobFile` and the files beside it, and `CommitLoop` for the transactions.
///
/// It has the same promises as the broker on Redis. The faces of the port are in files of their own.
package final class SQLiteBroker: Sendable {
    let store: JobStore
    let options: SQLiteBrokerOptions
    let presence: Mutex<Presence>

    /// Who this worker is at the moment.
    struct Presence {
        var worker: WorkerID
        /// The token of the next claim. Never used twice under one identity.
        var nextToken: UInt64 = 1
        var ownLease = OwnLease()
        var hasRetired = false
        /// The last types of which jobs wait aside that were told.
        var positionsAside: [QueueName: String] = [:]
    }

    package init(store: JobStore, options: SQLiteBrokerOptions) {
        self.store = store
        self.options = options
        presence = Mutex(Presence(worker: Self.newWorker(options, store.options.clock)))
    }

    /// Registers the worker, and closes the store when the task is cancelled: for a daemon, whose
    /// broker has the store for itself.
    package func run() async {
        do {
            try await start()
            options.changed(.up(warnings: warnings))
        } catch {
            options.changed(.unfit(reason: "\(error)"))
        }
        let never = Bell()
        while !Task.isCancelled { await never.wait() }
        await store.close()
    }

    /// Registers the worker.
    package func start() async throws { try await register() }

    /// This worker's identity at the moment.
    package var workerID: WorkerID { presence.withLock { $0.worker } }

    /// For the log and for operators: how long the file takes to answer.
    package func ping() async throws -> Duration {
        let started = clock.now
        try await store.perform(.look) { file in
            _ = try file.queuesWithWork()
        }
        return clock.now.since(started)
    }

    var clock: any JobClock { store.options.clock }

    private var warnings: [String] {
        switch store.options.durability {
        case .full: []
        case .normal:
            [
                "durability is normal: what was enqueued or finished in the last seconds before a "
                    + "power cut may be lost"
            ]
        }
    }

    private static func newWorker(
        _ options: SQLiteBrokerOptions, _ clock: any JobClock
    ) -> WorkerID {
        WorkerID(
            unixMilliseconds: clock.unixMilliseconds,
            random: UInt32(truncatingIfNeeded: options.random.bits()))
    }
}

/// How a broker on a file is set up.
package struct SQLiteBrokerOptions: Sendable {
    /// The worker's side; `nil`: only producers and operators use this broker.
    package var worker: WorkerSide?
    package var maxPayload = 1 << 20
    package var random = RandomSource.system
    /// Told when the broker can be used.
    package var changed: @Sendable (ConnectionChange) -> Void = { _ in }
    /// Told of the worker's identity before it registers under it.
    package var identityChanged: @Sendable (WorkerID) -> Void = { _ in }

    package init() {}
}

// MARK: - The worker's presence

extension SQLiteBroker {
    /// The tokens for one claim of up to `count` jobs, whether they will be needed or not.
    func takeTokens(_ count: Int) -> (worker: WorkerID, first: UInt64) {
        presence.withLock { presence in
            defer { presence.nextToken &+= UInt64(count) }
            return (presence.worker, presence.nextToken)
        }
    }

    /// Takes the worker's leases under its present identity.
    func register() async throws {
        guard let side = options.worker else { return }
        let (worker, hasRetired) = presence.withLock { ($0.worker, $0.hasRetired) }
        if hasRetired { return }
        options.identityChanged(worker)
        let sentAt = clock.now
        try await store.perform(.look) { file in
            file.leases.register(
                worker.description, side, now: file.clock.now,
                unixMilliseconds: file.clock.unixMilliseconds)
        }
        noteKept(sentAt: sentAt, side)
    }

    func noteKept(sentAt: MonotonicTime, _ side: WorkerSide) {
        presence.withLock {
            $0.ownLease.kept(sentAt: sentAt, answeredAt: clock.now, lease: side.lease)
        }
    }

    /// Whether this worker may take jobs back from others.
    var holdsUnbrokenLease: Bool {
        guard let lease = options.worker?.lease else { return false }
        return presence.withLock {
            $0.ownLease.timeToUnbroken(at: clock.now, lease: lease) == .zero
        }
    }

    /// - Returns: `false`: `worker` is not who it is any more.
    func beginAnew(after worker: String) -> Bool {
        presence.withLock { presence in
            guard presence.worker.description == worker else { return false }
            let hasRetired = presence.hasRetired
            presence = Presence(worker: Self.newWorker(options, clock))
            presence.hasRetired = hasRetired
            return true
        }
    }

    func noteRetired() { presence.withLock { $0.hasRetired = true } }
}
