import JobQueue
import TestSupport
import Testing

@Suite("What operators ask of Redis")
struct OperatorLoadTests {
    /// How often Redis has carried out a command.
    private static func calls(_ command: String, _ server: RedisServer) throws -> Int {
        let info = try server.command(["INFO", "commandstats"]).text ?? ""
        let line = info.split(separator: "\r\n").first { $0.hasPrefix("cmdstat_\(command):") }
        let count = line?.split(separator: "=").dropFirst().first?.prefix { $0 != "," }
        return count.flatMap { Int($0) } ?? 0
    }

    @Test("has a connection of its own, which is there when somebody asks")
    func ownConnection() async throws {
        let server = try await RedisServer()
        try await withRedis(server: server) { stand in
            func clients() throws -> Int {
                try stand.redis("CLIENT", "LIST").text?.split(separator: "\n").count ?? 0
            }
            let broker = try await stand.redisDaemon(queues: [.default]).broker
            // The test's own, that for commands, and that of the queue's wait.
            await eventually { try clients() == 3 }
            _ = try await broker.stats()
            #expect(try clients() == 4)
            _ = try await broker.find(id("x"))
            _ = try await broker.enqueue([job()])
            #expect(try clients() == 4)
        }
    }

    @Test("goes on when Redis has closed its idle connection, and the worker's is not touched")
    func closedWhileIdle() async throws {
        let server = try await RedisServer()
        try await withRedis(server: server) { stand in
            func clients() throws -> Set<Substring> {
                let list = try stand.redis("CLIENT", "LIST").text ?? ""
                return Set(
                    list.split(separator: "\n").compactMap { $0.split(separator: " ").first })
            }
            let daemon = try await stand.redisDaemon(lease: .seconds(100))
            await eventually { try clients().count == 3 }
            for _ in 0..<3 {
                let before = try clients()
                #expect(try await daemon.broker.stats(of: .default).pending == 0)
                let new = try #require(try clients().subtracting(before).first)
                try stand.redis("CLIENT", "KILL", "ID", String(new.dropFirst("id=".count)))
            }
            #expect(daemon.changes.value.count == 1)
        }
    }

    @Test("many ids are looked for in one pass over the queues, not in one for each")
    func onePass() async throws {
        let server = try await RedisServer()
        try await withRedis(server: server) { stand in
            let broker = try await stand.redisDaemon().broker
            try stand.push(
                (1...3000).map { Array(record($0, "\"id\":\"j\($0)\"").utf8) }, to: .default)
            let before = try Self.calls("lrange", server)
            let ids = try (1...300).map { try id("j\($0 * 10)") } + [id("nobody")]
            let result = try await broker.delete(.ids(ids))
            #expect(result.count == 300 && result.refused.isEmpty)
            #expect(result.changed == ids.dropLast().map(\.description))
            #expect(try Self.calls("lrange", server) - before < 1000)
            #expect(try stand.records(.pending, in: .default).count == 2700)
        }
    }

    @Test("a job that is pending all the while is found, though others are claimed before it")
    func foundWhileClaimed() async throws {
        try await withRedis { stand in
            let broker = try await stand.redisDaemon(lease: .seconds(100)).broker
            try stand.push(
                (1...6000).map { Array(record($0, "\"id\":\"j\($0)\"").utf8) }, to: .default)
            async let claimed = broker.claim(500, from: .default)
            for number in stride(from: 600, through: 6000, by: 600) {
                async let next = broker.claim(20, from: .default)
                #expect(try await broker.find(id("j\(number)")).count == 1)
                _ = try await next
            }
            _ = try await claimed
        }
    }

    @Test("of a head of a megabyte only the beginning comes for the counts")
    func largeHead() async throws {
        let server = try await RedisServer()
        try await withRedis(server: server) { stand in
            let broker = try await stand.redisDaemon().broker
            let head = largeRecord(1, kilobytes: 1024)
            try stand.push([Array(head.utf8)], to: .default)
            _ = try await broker.stats()
            func sent() throws -> Int {
                let info = try stand.redis("INFO", "stats").text ?? ""
                let line = info.split(separator: "\r\n").first {
                    $0.hasPrefix("total_net_output_bytes:")
                }
                return line.flatMap { Int($0.dropFirst("total_net_output_bytes:".count)) } ?? 0
            }
            let before = try sent()
            for _ in 0..<10 { #expect(try await broker.stats(of: .default).pending == 1) }
            #expect(try sent() - before < 200_000)
        }
    }
}
