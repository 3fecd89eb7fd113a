import EventLoop
import JobQueue
import Redis
import RedisBroker
import TestSupport

@testable import JobDaemon

/// What the daemon's pages and reports are made from: a broker on Redis, and what is known of it.
struct BrokerStand: Sendable {
    let loop: EventLoop
    let broker: RedisBroker
    let monitor: BrokerMonitor
    let worker: Worker
    let health: Health
    let clock: LoopClock
    let lines = LogCapture()

    /// - Parameters:
    ///   - namespace: one of the test's own.
    ///   - slots: of the worker, which does not run.
    init(loop: EventLoop, address: RedisAddress, namespace: String = "jq", slots: Int = 2) {
        self.loop = loop
        clock = LoopClock(loop: loop)
        let monitor = BrokerMonitor(address: .redis(address), clock: clock, log: lines)
        self.monitor = monitor
        var options = RedisBrokerOptions(address: address, clock: clock, resolve: { [$0] })
        options.namespace = namespace
        options.worker = WorkerSide(queues: [.default], lease: .seconds(15))
        options.changed = { monitor.note($0) }
        broker = RedisBroker(loop: loop, options: options)
        worker = .forTests(slots: slots, clock: clock)
        health = Health(worker: worker, monitor: monitor, clock: clock, lease: .seconds(15))
    }

    /// One that is never connected: nobody runs its broker.
    static func withoutRedis(loop: EventLoop) -> BrokerStand {
        BrokerStand(loop: loop, address: RedisAddress(place: .tcp(host: "127.0.0.1", port: 1)))
    }
}

/// Runs `body` beside a broker that is connected to a real Redis, on a namespace of its own.
///
/// - Parameter push: puts a record at the tail of the default queue.
func withBroker(
    _ body: @Sendable (_ stand: BrokerStand, _ push: (String) throws -> Void) async throws -> Void
) async throws {
    let server = try await SharedRedis.server
    let redis = try server.connect()
    let namespace = "pages\(try redis.command(["INCR", "namespaces"]).integer ?? 0)"
    let address = try RedisAddress(parsing: server.address)
    try await withEventLoop { loop in
        let stand = BrokerStand(loop: loop, address: address, namespace: namespace)
        try await withThrowingTaskGroup { group in
            group.addTask { await stand.broker.run() }
            while stand.monitor.trouble != nil { await stand.monitor.bell.wait() }
            try await body(stand) { record in
                try redis.command(["RPUSH", "\(namespace):{default}:pending", record])
            }
            group.cancelAll()
        }
    }
}
