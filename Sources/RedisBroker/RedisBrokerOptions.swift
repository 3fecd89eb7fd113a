import JobQueue
import Redis

/// How a broker on Redis is set up.
package struct RedisBrokerOptions: Sendable {
    package var address: RedisAddress
    package var namespace = "jq"
    /// The worker's side; `nil`: only producers and operators use this broker.
    package var worker: WorkerSide?
    /// Whether a Redis that may evict keys at maxmemory is accepted.
    package var allowsEviction = false
    /// How long Redis may take to answer before the connection is given up.
    package var commandTimeout: Duration = .seconds(10)
    package var maxPayload = 1 << 20
    package var clock: any JobClock
    package var random = RandomSource.system
    /// Finds the numeric address of a host name without blocking the caller's thread.
    package var resolve: @Sendable (_ host: String) async throws -> String
    /// Told of each change of the connection, on the event loop.
    package var changed: @Sendable (ConnectionChange) -> Void = { _ in }
    /// Told of the worker's identity before it registers under it.
    package var identityChanged: @Sendable (WorkerID) -> Void = { _ in }

    /// What only a worker needs.
    package struct WorkerSide: Sendable {
        package var queues: [QueueName]
        /// How long its jobs stay its own without a heartbeat.
        package var lease: Duration
        /// Shown to operators.
        package var host = ""
        package var pid = 0
        package var version = ""
        package var concurrency = 0

        package init(queues: [QueueName], lease: Duration) {
            self.queues = queues
            self.lease = lease
        }
    }

    package init(
        address: RedisAddress, clock: any JobClock,
        resolve: @escaping @Sendable (_ host: String) async throws -> String
    ) {
        self.address = address
        self.clock = clock
        self.resolve = resolve
    }
}

/// What became of the connection.
package enum ConnectionChange: Sendable, Equatable {
    /// Connected, checked and registered. `warnings`: what an administrator should know.
    case up(warnings: [String])
    /// Not connected; another try follows.
    case down(reason: String)
    /// Redis can be reached and is not fit for use, or refuses us; another try follows.
    case unfit(reason: String)
}
