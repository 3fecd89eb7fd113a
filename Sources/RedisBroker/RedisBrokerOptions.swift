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

    package init(
        address: RedisAddress, clock: any JobClock,
        resolve: @escaping @Sendable (_ host: String) async throws -> String
    ) {
        self.address = address
        self.clock = clock
        self.resolve = resolve
    }
}
