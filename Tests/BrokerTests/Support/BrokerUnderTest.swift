import EventLoop
import JobQueue
import TestSupport

/// The brokers that must keep the contract. A new one joins with a case of its own.
enum BrokerKind: String, CaseIterable, Sendable {
    case redis, sqliteFile, sqliteMemory

    func open(on loop: EventLoop) async throws -> any BrokerUnderTest {
        switch self {
        case .redis: try await RedisUnderTest(loop: loop)
        case .sqliteFile: try await SQLiteUnderTest(loop: loop, isInMemory: false)
        case .sqliteMemory: try await SQLiteUnderTest(loop: loop, isInMemory: true)
        }
    }
}

/// One fresh, empty place for jobs, the daemons that work on it, and what else a test needs to do to it.
protocol BrokerUnderTest: Sendable {
    /// A daemon's broker, registered and ready: of host `host`, pid 42, version `1.2.3`, with 10 slots. Without `queues` it is one of a producer or an operator.
    func daemon(queues: [QueueName], lease: Duration) async throws -> DaemonUnderTest

    /// Ends every daemon, as a crash would.
    func close() async

    // What a foreign producer does.
    /// Puts records to the tail of pending as they are.
    func push(_ records: [[UInt8]], to queue: QueueName) async throws
    /// Puts records into scheduled as they are; the times are Unix milliseconds.
    func schedule(_ records: [(record: [UInt8], time: Double)], in queue: QueueName) async throws

    // What the test looks at, past the broker.
    /// What lies in a state: pending from the head of the line on, scheduled and dead by time, active by token.
    func records(_ state: JobState, in queue: QueueName) async throws -> [[UInt8]]
    /// The pending jobs that wait aside under a type, from the head on.
    func aside(_ type: JobType, in queue: QueueName) async throws -> [[UInt8]]
    /// The id of the job that holds a unique key.
    func holder(of key: String, in queue: QueueName) async throws -> String?
    /// The broker's clock, Unix milliseconds.
    func now() async throws -> Int64
    /// Whether the worker holds anything in any queue: a lease, or a place for its jobs.
    func knows(_ worker: String) async throws -> Bool

    // What happens to it.
    /// Moves time forward for one worker: its lease is over.
    func endLease(of worker: String, in queue: QueueName) async throws
    /// All data is gone.
    func loseEverything() async throws
}

/// One daemon's broker in a test.
struct DaemonUnderTest: Sendable {
    let broker: any Broker
    /// Ends it as kill -9 would: nothing is given back or signed off.
    let crash: @Sendable () async -> Void
    /// Cuts what connects it to its jobs; it connects anew by itself.
    let cut: @Sendable () -> Void
}

extension BrokerUnderTest {
    /// Leases are only looked at by who recovers, so a short one harms no test that does not.
    func daemon(
        _ queues: [QueueName] = [.default], lease: Duration = .seconds(1)
    ) async throws -> DaemonUnderTest {
        try await daemon(queues: queues, lease: lease)
    }

    /// A broker as an application or an operator has it.
    func client() async throws -> any Broker {
        try await daemon(queues: [], lease: .seconds(1)).broker
    }

    func push(_ texts: [String], to queue: QueueName = .default) async throws {
        try await push(texts.map { Array($0.utf8) }, to: queue)
    }

    /// What lies in a state, as text.
    func texts(_ state: JobState, in queue: QueueName = .default) async throws -> [String] {
        try await records(state, in: queue).map { String(decoding: $0, as: UTF8.self) }
    }

    func holder(of key: String) async throws -> String? {
        try await holder(of: key, in: .default)
    }
}

/// Runs `body` on an event loop with a fresh broker, and ends what it started.
func withBroker(
    _ kind: BrokerKind,
    _ body: @Sendable @concurrent (any BrokerUnderTest) async throws -> Void
) async throws {
    try await withEventLoop { loop in
        let stand = try await kind.open(on: loop)
        do {
            try await body(stand)
        } catch {
            await stand.close()
            throw error
        }
        await stand.close()
    }
}
