import JobDaemon
import JobQueue
import Redis
import TestSupport
import Testing

@testable import RedisBroker

@Suite("Limits that follow from the lease, and what is refused at a connection")
struct LimitsTests {
    @Test(
        "an answer may take a third of the lease, ten seconds at most",
        arguments: [(500, 250), (1_000, 333), (6_000, 2_000), (15_000, 5_000), (60_000, 10_000)])
    func answers(lease: Int, limit: Int) async throws {
        try await withEventLoop { loop in
            var options = RedisBrokerOptions(
                address: try RedisAddress(parsing: "h"), clock: LoopClock(loop: loop),
                resolve: { [$0] })
            #expect(options.commandTimeout == .seconds(10))
            options.worker = WorkerSide(queues: [.default], lease: .milliseconds(lease))
            #expect(options.commandTimeout.wholeMilliseconds == Int64(limit))
            #expect(options.connectTimeout <= .seconds(5))
            #expect(options.waitTime <= .seconds(5))
        }
    }

    @Test("a connection that falls silent is replaced while a short lease still stands")
    func silence() async throws {
        try await withRedis { stand in
            let proxy = try FaultProxy(to: stand.server.socketAddress)
            let daemon = try await stand.redisDaemon(
                lease: .seconds(3), address: proxy.address)
            let other = try await stand.redisDaemon(lease: .seconds(3))
            try stand.push([Array(record(1).utf8)], to: .default)
            let claim = try await daemon.broker.claimOne()
            proxy.end(.silence)
            // It returns when it is answered, on another connection by then.
            try await daemon.broker.heartbeat()
            try await daemon.waitUntilUp(2)
            #expect(try await other.broker.recover(in: .default).recoveries.isEmpty)
            #expect(try await daemon.broker.finish([claim.finish(.ack)]) == [true])
        }
    }

    @Test("what passes by itself is told from what a person must mend")
    func persons() {
        func needsPerson(_ text: String) -> Bool {
            let code = String(text.prefix { $0 != " " })
            return RedisError.server(code: code, message: text).needsPerson
        }
        for text in [
            "ERR max number of clients reached", "LOADING Redis is loading the dataset in memory",
            "BUSY Redis is busy running a script", "MASTERDOWN Link with MASTER is down",
            "READONLY You can't write against a read only replica.", "NOREPLICAS Not enough good",
            "MISCONF Errors writing to the AOF file", "OOM command not allowed",
            "no healthy upstream",
            "ERR max number of clients + cluster connections reached", "CLUSTERDOWN Hash slot not",
        ] { #expect(!needsPerson(text), "\(text)") }
        for text in [
            "NOAUTH Authentication required.", "WRONGPASS invalid username-password pair",
            "NOPERM this user has no permissions", "DENIED Redis is running in protected mode",
            "ERR DB index is out of range", "ERR invalid password",
            "ERR AUTH <password> called without any password configured",
            "ERR unknown command 'BLMOVE', with args", "WRONGTYPE Operation against a key",
        ] { #expect(needsPerson(text), "\(text)") }
    }

    @Test("a server that does not tell of itself is used, and that is told")
    func noInfo() async throws {
        let server = try await RedisServer(arguments: ["--rename-command", "INFO", ""])
        try await withRedis(server: server) { stand in
            let daemon = try await stand.redisDaemon()
            let warnings = daemon.changes.value.compactMap { change in
                if case .up(let warnings) = change { warnings } else { nil }
            }.joined()
            #expect(warnings.count == 1)
            #expect(warnings.first?.contains("INFO") == true, "\(warnings)")
            #expect(warnings.first?.contains("append-only file") == true, "\(warnings)")
            // Its policy could be asked.
            #expect(warnings.first?.contains("maxmemory-policy") == false, "\(warnings)")
        }
        try server.command(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
        try await withRedis(server: server) { stand in
            let daemon = try await stand.redisDaemon(isReady: false)
            #expect(try await daemon.waitUntilUnfit().contains("allkeys-lru"))
        }
        try await server.stop()
    }

    @Test("a lost worker that cannot be taken back holds up none of those behind it")
    func behindAFailure() async throws {
        try await withRedis { stand in
            try stand.redis("ZADD", stand.key("workers"), "1", "broken", "2", "ghost")
            try stand.redis("SET", stand.key("active:broken"), "of another type")
            try stand.redis("HSET", stand.key("active:ghost"), "1", record(1))
            let broker = try await stand.redisDaemon(lease: .milliseconds(100)).broker
            await eventually {
                try await broker.heartbeat()
                let round = try await broker.recover(in: .default)
                return round.recoveries.map(\.jobs) == [1] && round.failure != nil
            }
            #expect(try numbers(stand.records(.pending, in: .default)) == [1])
        }
    }

    @Test("connections of many queues are not all made in one moment")
    func jitter() async throws {
        try await withRedis { stand in
            let clock = NotingClock(LoopClock(loop: stand.loop))
            let queues = try (0..<40).map { try queue("q\($0)") }
            let daemon = try await stand.redisDaemon(queues: queues) { $0.clock = clock }
            await eventually { clock.pauses.value.count > queues.count }
            #expect(Set(clock.pauses.value).count > queues.count / 2)
            // The longest of all is the one before an operators' connection counts as not used.
            let pauses = clock.pauses.value.filter { $0 < .seconds(60) }
            #expect(pauses.allSatisfy { $0 < .seconds(1) })
            await daemon.crash()
        }
    }
}

/// Notes what is slept.
private final class NotingClock: JobClock {
    private let clock: LoopClock
    let pauses = Watched<[Duration]>([])

    init(_ clock: LoopClock) { self.clock = clock }

    var now: MonotonicTime { clock.now }
    var unixMilliseconds: Int64 { clock.unixMilliseconds }

    func sleep(for duration: Duration) async throws {
        pauses.update { $0.append(duration) }
        try await clock.sleep(for: duration)
    }
}
