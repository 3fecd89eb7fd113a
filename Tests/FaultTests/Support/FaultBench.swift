import Synchronization
import TestSupport
import Testing

/// A Redis, real daemons on it with a lease of one second, and jobs of which is known what became.
final class FaultBench: Sendable {
    /// How many jobs each daemon runs at the same time.
    static let slots = 8

    let redis: RedisServer
    /// What the handlers of all daemons left behind.
    let effects: EffectFile
    private let ledger = Ledger()
    private let daemons = Mutex<[DaemonProcess]>([])

    /// - Parameter redis: `nil`: one that keeps nothing when it is killed.
    init(redis: RedisServer? = nil) async throws {
        effects = try EffectFile()
        if let redis {
            self.redis = redis
        } else {
            self.redis = try await RedisServer()
        }
    }

    /// A time that was promised, and what a busy machine may add to it.
    static func busy(_ promised: Duration) -> Duration { promised * 5 }

    // MARK: - Daemons

    /// Starts a daemon, and returns when it claims jobs.
    ///
    /// - Parameter address: `nil`: Redis's own.
    func daemon(
        address: String? = nil, _ arguments: [String] = [], directory: TemporaryDirectory? = nil,
        environment: [String: String] = [:]
    ) async throws -> DaemonProcess {
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: address ?? redis.address,
            ["--lease", "1s", "--concurrency", "\(Self.slots)"] + arguments,
            directory: directory, effects: effects, environment: environment)
        daemons.withLock { $0.append(daemon) }
        return daemon
    }

    // MARK: - Jobs

    /// Puts jobs in as any producer does, in one command.
    ///
    /// - Parameters:
    ///   - name: No two calls have the same.
    ///   - payload: What they are to do, as `TestOrder` of the tests' daemon reads it.
    /// - Returns: their ids.
    @discardableResult
    func enqueue(_ count: Int, _ name: String, payload: String = "{}") throws -> [String] {
        let ids = (1...count).map { "t-\(name)-\($0)" }
        let command = ["RPUSH", "jq:{default}:pending"]
        try redis.command(command + ids.map { Self.record($0, payload: payload) })
        answered(ids)
        return ids
    }

    /// Puts one job in that is due already.
    func schedule(_ id: String) throws {
        try redis.command(["ZADD", "jq:{default}:scheduled", "1", Self.record(id)])
        answered([id])
    }

    /// Puts one job into the hands of a worker whose lease ended long ago.
    func leaveBehind(_ id: String) throws {
        let connection = try redis.connect()
        try connection.command(["HSET", "jq:{default}:active:ghost", "1", Self.record(id)])
        try connection.command(["ZADD", "jq:{default}:workers", "1", "ghost"])
        answered([id])
    }

    /// These were enqueued elsewhere, and that was answered.
    func answered(_ ids: [String]) {
        for id in ids { ledger.answered(id) }
    }

    /// Enqueues job after job on connections that may be lost, until `body` is over.
    func produce<Result>(during body: () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.produce() }
            let result = try await body()
            group.cancelAll()
            return result
        }
    }

    private func produce() async {
        var connection: RESPConnection?
        var number = 0
        while !Task.isCancelled {
            number += 1
            let id = "t-flow-\(number)"
            do {
                let known = try connection ?? redis.connect()
                connection = known
                try known.command(["RPUSH", "jq:{default}:pending", Self.record(id)])
                ledger.answered(id)
            } catch {
                connection = nil
                ledger.unknown(id)
            }
            await pause(.milliseconds(4))
        }
    }

    private static func record(_ id: String, payload: String = "{}") -> String {
        #"{"type":"test:job","id":"\#(id)","payload":\#(payload)}"#
    }

    /// One of the counters `done`, `dead`, `retried`, `recovered`, over all daemons.
    func total(_ counter: String) throws -> Int {
        try redis.command(["HGET", "jq:{default}:totals", counter]).integer ?? 0
    }

    // MARK: - The end

    /// Everything that was enqueued comes to its end.
    func awaitEnd(
        within limit: Duration = .patience, sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        await eventually("all has ended", within: limit, sourceLocation: sourceLocation) {
            let pending = try self.redis.command(["LLEN", "jq:{default}:pending"]).integer
            guard pending == 0 else { return false }
            return try QueueSnapshot(of: self.redis, queues: ["default"]).living.isEmpty
        }
    }

    /// Awaits the end, drains all daemons that still run, and expects that every promise was kept.
    ///
    /// - Parameter mayDie: Whether a job may be dead for this reason.
    @discardableResult
    func expectKept(
        duplicatesAllowed: Int, sourceLocation: SourceLocation = #_sourceLocation,
        mayDie: (_ lastError: String) -> Bool = { _ in false }
    ) async throws -> Verdict {
        await awaitEnd(sourceLocation: sourceLocation)
        for daemon in daemons.withLock({ $0 }) where daemon.child.exitStatus == nil {
            let status = try await daemon.drain()
            #expect(status == .exited(0), sourceLocation: sourceLocation)
        }
        let snapshot = try QueueSnapshot(of: redis, queues: ["default"])
        let verdict = Verdict(
            ledger: ledger, ended: effects.ended, snapshot: snapshot,
            duplicatesAllowed: duplicatesAllowed, mayDie: mayDie)
        let logs = daemons.withLock { $0 }.map { $0.log.suffix(20).joined(separator: "\n") }
        #expect(
            verdict.problems.isEmpty, "\(logs.joined(separator: "\n\n"))",
            sourceLocation: sourceLocation)
        return verdict
    }
}
