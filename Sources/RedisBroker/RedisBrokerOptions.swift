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
    /// How long Redis may take to answer at most, before the connection is given up.
    package var longestAnswer: Duration = .seconds(10)
    /// How long to try to connect at most.
    package var longestConnect: Duration = .seconds(5)
    package var maxPayload = 1 << 20
    package var clock: any JobClock
    package var random = RandomSource.system
    /// Finds the numeric addresses of a host name without blocking the caller's thread.
    package var resolve: @Sendable (_ host: String) async throws -> [String]
    /// Told of each change of the connection, on the event loop.
    package var changed: @Sendable (ConnectionChange) -> Void = { _ in }
    /// Told of the worker's identity before it registers under it.
    package var identityChanged: @Sendable (WorkerID) -> Void = { _ in }

    package init(
        address: RedisAddress, clock: any JobClock,
        resolve: @escaping @Sendable (_ host: String) async throws -> [String]
    ) {
        self.address = address
        self.clock = clock
        self.resolve = resolve
    }
}

/// Limits that follow from the lease: a connection that has fallen silent is given up, and another is
/// made, while the lease still stands.
extension RedisBrokerOptions {
    /// How long Redis may take to answer before the connection is given up: a third of the lease.
    package var commandTimeout: Duration {
        get { min(longestAnswer, shareOfLease ?? longestAnswer) }
        set { longestAnswer = newValue }
    }

    /// How long to try to connect, to all addresses of a name together.
    var connectTimeout: Duration {
        min(longestConnect, max(shareOfLease ?? longestConnect, Self.shortestConnect))
    }

    /// How long to wait for work on a connection before it must show that it lives.
    var waitTime: Duration {
        min(Self.longestWait, max(shareOfLease ?? Self.longestWait, Self.shortestWait))
    }

    private var shareOfLease: Duration? {
        worker.map { max($0.lease / 3, Self.shortestAnswer) }
    }

    /// A shorter limit would give up a connection whenever the machine is busy. It is half of the shortest
    /// lease that can be set.
    private static let shortestAnswer = Duration.milliseconds(250)
    private static let shortestConnect = Duration.seconds(1)
    private static let shortestWait = Duration.seconds(1)
    private static let longestWait = Duration.seconds(5)
}
