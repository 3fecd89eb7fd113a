import EventLoop
import Synchronization
import TestSupport

/// A Redis with an append-only file, behind a network that fails.
final class RedisGround: Ground {
    static let kind = GroundKind.redis

    let directory: TemporaryDirectory? = nil
    private let redis: RedisServer
    private let date: SettableDate
    private let proxy: FaultProxy
    private let queues: [String]
    private let later = Later()
    private let put = Mutex(0)
    /// One thing at a time happens to Redis's process.
    private let redisTask = Mutex<Task<Void, Never>?>(nil)

    init(queues: [String]) async throws {
        self.queues = queues
        date = try SettableDate()
        // The users are the server's, also when it was killed and is back.
        redis = try await RedisServer(
            appendOnly: true,
            arguments: ["--user", "daemon", "on", "nopass", "~*", "&*", "+@all"], date: date)
        proxy = try FaultProxy(to: redis.socketAddress)
    }

    var address: String { "redis://daemon:any@\(proxy.address)" }
    var garbage: Int { put.withLock { $0 } }

    func snapshot() throws -> QueueSnapshot { try QueueSnapshot(of: redis, queues: queues) }

    func commit(_ fault: Fault) async {
        switch fault {
        case .killDaemon, .drainDaemon, .stopDaemon, .holdFile, .readFile: break
        case .killRedis(let back): killRedis(backAfter: back)
        case .cutConnections(let way):
            let endings: [String: FaultProxy.Ending] = [
                "reset": .reset, "clientSide": .clientSide, "halfClose": .halfClose,
            ]
            proxy.end(endings[way] ?? .close)
        case .stall(let isRequests, let time):
            let direction = isRequests ? FaultProxy.Direction.requests : .replies
            proxy.set(direction, .stall)
            later.run(after: time) { self.proxy.set(direction, .pass) }
        case .delay(let delay, let time):
            proxy.set(.replies, .delay(.milliseconds(delay)))
            later.run(after: time) { self.proxy.set(.replies, .pass) }
        case .killClients: ask(["CLIENT", "KILL", "TYPE", "normal"])
        case .pauseClients(let time): ask(["CLIENT", "PAUSE", "\(time)", "ALL"])
        case .flushScripts: ask(["SCRIPT", "FLUSH"])
        case .setDate(let seconds):
            do {
                try date.set(shift: seconds)
            } catch {
                preconditionFailure("the date cannot be set: \(error)")
            }
        case .forbid(let command, let time):
            ask(["ACL", "SETUSER", "daemon", "-\(command)"])
            later.run(after: time) { self.ask(["ACL", "SETUSER", "daemon", "+\(command)"]) }
        case .fillMemory(let time):
            ask(["CONFIG", "SET", "maxmemory", "1"])
            later.run(after: time) { self.ask(["CONFIG", "SET", "maxmemory", "0"]) }
        case .pauseQueue(let time):
            ask(["SET", "jq:{\(queues[0])}:paused", "1"])
            later.run(after: time) { self.ask(["DEL", "jq:{\(self.queues[0])}:paused"]) }
        case .garbage:
            // Each once: a record is known by its bytes.
            if ask(["RPUSH", "jq:{\(queues[0])}:pending", "garbage \(garbage) {"]) {
                put.withLock { $0 += 1 }
            }
        }
    }

    func settle() async {
        await later.settle()
        await redisTask.withLock { $0 }?.value
    }

    func heal() throws {
        proxy.heal()
        // What was delayed while the date was ahead is due as well.
        try date.set(shift: 2 * Plan.largestStep)
        ask(["CONFIG", "SET", "maxmemory", "0"])
        ask(["ACL", "SETUSER", "daemon", "+@all"])
        for queue in queues { ask(["DEL", "jq:{\(queue)}:paused"]) }
    }

    func produce(seed: UInt64, _ ledger: Ledger, while body: () async -> Void) async throws {
        let loop = try EventLoop()
        try loop.start()
        defer { loop.stop() }
        let library = LibraryProducer(loop: loop, address: address, ledger: ledger)
        let bare = BareProducer(redis: redis, ledger: ledger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: loop) { try await library.run(seed: seed) }
            group.addTask { await bare.run() }
            await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    // MARK: -

    private func killRedis(backAfter milliseconds: Int) {
        redisTask.withLock { last in
            let before = last
            // `settle` awaits it.
            last = Task {
                await before?.value
                do {
                    try await redis.kill()
                    await pause(.milliseconds(milliseconds))
                    try await redis.restart()
                } catch {
                    preconditionFailure("Redis cannot be started again: \(error)")
                }
            }
        }
    }

    /// Asks Redis, which may be away: then the fault is that.
    @discardableResult
    private func ask(_ command: [String]) -> Bool { (try? redis.command(command)) != nil }
}
