import TestSupport

/// What the daemons stand on: their broker, how it can fail, and who puts jobs in.
protocol Ground: Sendable {
    static var kind: GroundKind { get }

    /// What the daemons are told.
    var address: String { get }
    /// Where all daemons of one instance are; `nil`: each is one of its own.
    var directory: TemporaryDirectory? { get }
    /// Records that were put in and are no envelopes.
    var garbage: Int { get }

    /// Where every job is.
    func snapshot() throws -> QueueSnapshot
    /// Lets a fault of its own happen. Daemons are others' business.
    func commit(_ fault: Fault) async
    /// Awaits everything that was ordered.
    func settle() async
    /// Nothing fails any more; the daemons run.
    func heal() async throws

    /// Runs `body` while producers enqueue.
    func produce(seed: UInt64, _ ledger: Ledger, while body: () async -> Void) async throws
}

/// The brokers that can be tortured.
enum GroundKind: String {
    case redis, sqlite

    /// How many daemons work on it. A file has one.
    var daemons: Int {
        switch self {
        case .redis: 3
        case .sqlite: 1
        }
    }

    func make(queues: [String]) async throws -> any Ground {
        switch self {
        case .redis: try await RedisGround(queues: queues)
        case .sqlite: try FileGround(queues: queues)
        }
    }
}
