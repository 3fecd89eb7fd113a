import EventLoop
import JobDaemon
import JobQueue
import Redis
import RedisBroker
import Synchronization
import TestSupport

/// The broker on Redis, on a namespace of its own.
final class RedisUnderTest: BrokerUnderTest {
    let namespace: String
    let server: RedisServer
    let loop: EventLoop
    /// Past the broker.
    private let raw: RESPConnection
    private let daemons = Mutex<[RedisDaemon]>([])
    /// They live as long as the test.
    private let proxies = Mutex<[FaultProxy]>([])

    /// - Parameter server: `nil`: the one that all tests share.
    init(loop: EventLoop, server: RedisServer? = nil) async throws {
        self.loop = loop
        if let server {
            self.server = server
        } else {
            self.server = try await SharedRedis.server
        }
        raw = try self.server.connect()
        namespace = "test\(try raw.command(["INCR", "namespaces"]).integer ?? 0)"
    }

    // MARK: - Daemons

    func daemon(queues: [QueueName], lease: Duration) async throws -> DaemonUnderTest {
        let proxy = try FaultProxy(to: server.socketAddress)
        proxies.withLock { $0.append(proxy) }
        let daemon = try await redisDaemon(queues: queues, lease: lease, address: proxy.address)
        return DaemonUnderTest(
            broker: daemon.broker, crash: { await daemon.crash() }, cut: { proxy.end() })
    }

    /// A daemon whose options, and whose server, a test may choose.
    ///
    /// - Parameters:
    ///   - address: `nil`: the server's own.
    ///   - isReady: whether to return only when it is connected.
    func redisDaemon(
        queues: [QueueName] = [.default], lease: Duration = .seconds(1), address: String? = nil,
        isReady: Bool = true, _ change: (inout RedisBrokerOptions) -> Void = { _ in }
    ) async throws -> RedisDaemon {
        var options = RedisBrokerOptions(
            address: try RedisAddress(parsing: address ?? server.address),
            clock: LoopClock(loop: loop), resolve: { [$0] })
        options.namespace = namespace
        if !queues.isEmpty {
            var worker = WorkerSide(queues: queues, lease: lease)
            worker.host = "host"
            worker.pid = 42
            worker.version = "1.2.3"
            worker.concurrency = 10
            options.worker = worker
        }
        change(&options)
        let daemon = RedisDaemon(loop: loop, options: options)
        daemons.withLock { $0.append(daemon) }
        if isReady { try await daemon.waitUntilUp() }
        return daemon
    }

    func close() async {
        for daemon in daemons.withLock({ $0 }) { await daemon.crash() }
    }

    // MARK: - Past the broker

    /// The full name of a queue's key.
    func key(_ name: String, _ queue: QueueName = .default) -> String {
        "\(namespace):{\(queue)}:\(name)"
    }

    @discardableResult
    func redis(_ words: String...) throws -> RESPValue { try raw.command(words) }

    func push(_ records: [[UInt8]], to queue: QueueName) throws {
        for start in stride(from: 0, to: records.count, by: 500) {
            let slice = records[start..<min(start + 500, records.count)]
            try raw.command(
                bytes: [Array("RPUSH".utf8), Array(key("pending", queue).utf8)] + slice)
        }
    }

    func schedule(_ records: [(record: [UInt8], time: Double)], in queue: QueueName) throws {
        let command = [Array("ZADD".utf8), Array(key("scheduled", queue).utf8)]
        try raw.pipeline(
            bytes: records.map { command + [Array("\($0.time)".utf8), $0.record] })
    }

    func records(_ state: JobState, in queue: QueueName) throws -> [[UInt8]] {
        switch state {
        case .pending: return try bytes(of: redis("LRANGE", key("pending", queue), "0", "-1"))
        case .scheduled, .dead:
            return try bytes(of: redis("ZRANGE", key(state.rawValue, queue), "0", "-1"))
        case .active:
            let names = try redis("KEYS", key("active:*", queue)).texts
            let entries = try names.flatMap { name in
                let parts = try redis("HGETALL", name).elements
                return stride(from: 0, to: parts.count - 1, by: 2).compactMap { index in
                    parts[index].integer.map { (token: $0, record: parts[index + 1].bytes ?? []) }
                }
            }
            return entries.sorted { $0.token < $1.token }.map(\.record)
        }
    }

    func aside(_ type: JobType, in queue: QueueName) throws -> [[UInt8]] {
        try bytes(of: redis("LRANGE", key("aside:\(type)", queue), "0", "-1"))
    }

    func holder(of key: String, in queue: QueueName) throws -> String? {
        try redis("GET", self.key("unique:\(key)", queue)).text
    }

    func now() throws -> Int64 {
        let time = try redis("TIME").elements.compactMap(\.integer)
        return Int64(time[0] * 1000 + time[1] / 1000)
    }

    func knows(_ worker: String) throws -> Bool {
        if try !redis("KEYS", "\(namespace):{*}:active:\(worker)").elements.isEmpty { return true }
        return try redis("KEYS", "\(namespace):{*}:workers").texts.contains { key in
            try redis("ZSCORE", key, worker) != .null
        }
    }

    func endLease(of worker: String, in queue: QueueName) throws {
        try redis("ZADD", key("workers", queue), "XX", "1", worker)
    }

    func loseEverything() throws {
        for key in try redis("KEYS", "\(namespace):*").texts { try redis("DEL", key) }
    }

    private func bytes(of reply: RESPValue) -> [[UInt8]] { reply.elements.compactMap(\.bytes) }
}
