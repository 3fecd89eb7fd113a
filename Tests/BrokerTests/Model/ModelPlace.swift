import EventLoop
import Foundation
import JobDaemon
import JobQueue
import RedisBroker
import Synchronization
import TestSupport

@testable import SQLiteBroker

/// A worker's broker as the model check needs it.
struct ModelDaemon: Sendable {
    let broker: any Broker
    /// Who it is at the moment.
    let workerID: @Sendable () async -> String
    let crash: @Sendable () async -> Void
}

/// A place for jobs whose time can be moved, and that can be killed.
protocol ModelPlace: Sendable {
    var stand: any BrokerUnderTest { get }
    func daemon(queues: [QueueName], lease: Duration) async throws -> ModelDaemon
    func advance(by duration: Duration) async throws
    /// What the death of the broker itself leaves; all daemons were killed before.
    ///
    /// - Returns: whether the broker died with them.
    func restart() async throws -> Bool
}

extension BrokerKind {
    /// - Parameter redis: For the kind that needs one.
    func modelPlace(on loop: EventLoop, redis: DatedRedis?) async throws -> any ModelPlace {
        switch self {
        case .redis: try await RedisModelPlace(loop: loop, redis)
        case .sqliteFile: try await SQLiteModelPlace(loop: loop, isInMemory: false)
        case .sqliteMemory: try await SQLiteModelPlace(loop: loop, isInMemory: true)
        }
    }
}

/// A Redis whose date can be moved, for many lives one after the other.
struct DatedRedis: Sendable {
    let server: RedisServer
    /// How far its date has been moved, in seconds.
    let shift = Watched(0)
    private let date: SettableDate

    init() async throws {
        date = try SettableDate()
        server = try await RedisServer(transport: .socket, date: date)
    }

    func advance(by duration: Duration) throws {
        try date.set(
            shift: shift.update { shift in
                shift += Int(duration.wholeMilliseconds / 1000)
                return shift
            })
    }
}

/// Redis's date is moved together with the daemons' clocks.
private final class RedisModelPlace: ModelPlace {
    private let dated: DatedRedis
    private let redis: RedisUnderTest
    private let clock: ShiftedClock

    var stand: any BrokerUnderTest { redis }

    init(loop: EventLoop, _ dated: DatedRedis?) async throws {
        guard let dated else { throw TestSupportError("this model needs a Redis of its own") }
        self.dated = dated
        redis = try await RedisUnderTest(loop: loop, server: dated.server)
        clock = ShiftedClock(loop: loop)
    }

    func daemon(queues: [QueueName], lease: Duration) async throws -> ModelDaemon {
        let daemon = try await redis.redisDaemon(queues: queues, lease: lease) {
            $0.clock = clock
        }
        return ModelDaemon(
            broker: daemon.broker, workerID: { await daemon.broker.workerID.description },
            crash: { await daemon.crash() })
    }

    func advance(by duration: Duration) throws {
        clock.advance(by: duration)
        try dated.advance(by: duration)
    }

    /// It keeps what it has; tests of their own kill it.
    func restart() -> Bool { false }
}

/// The embedded broker: it dies with its daemons, and leaves its files as they are at that moment.
private final class SQLiteModelPlace: ModelPlace {
    private let loop: EventLoop
    private let isInMemory: Bool
    private let clock: ShiftedClock
    private let present: Mutex<SQLiteUnderTest>

    var stand: any BrokerUnderTest { present.withLock { $0 } }

    init(loop: EventLoop, isInMemory: Bool) async throws {
        self.loop = loop
        self.isInMemory = isInMemory
        clock = ShiftedClock(loop: loop)
        present = Mutex(
            try await SQLiteUnderTest(loop: loop, isInMemory: isInMemory, clock: clock) {
                // What a power cut does is another test's matter.
                $0.durability = .normal
            })
    }

    func daemon(queues: [QueueName], lease: Duration) async throws -> ModelDaemon {
        var options = SQLiteBrokerOptions()
        options.worker = WorkerSide(queues: queues, lease: lease)
        let broker = SQLiteBroker(store: present.withLock { $0.store }, options: options)
        try await broker.start()
        return ModelDaemon(
            broker: broker, workerID: { broker.workerID.description }, crash: {})
    }

    func advance(by duration: Duration) { clock.advance(by: duration) }

    func restart() async throws -> Bool {
        // Memory does not outlive its process.
        if isInMemory { return false }
        let killed = present.withLock { $0 }
        let directory = try TemporaryDirectory()
        for name in ["jobs", "jobs-wal"] {
            try FileManager.default.copyItem(
                atPath: killed.directory.file(name), toPath: directory.file(name))
        }
        await killed.close()
        let next = try await SQLiteUnderTest(loop: loop, directory: directory, clock: clock) {
            $0.durability = .normal
        }
        present.withLock { $0 = next }
        return true
    }
}
