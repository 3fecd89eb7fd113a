import TestSupport
import Testing

@Suite("F10 every connection is killed five times a second")
struct F10KilledConnectionsTests {
    @Test("nothing is lost, and each new connection logs in and chooses its database again")
    func killed() async throws {
        let redis = try await RedisServer(password: "secret", database: 5)
        let bench = try await FaultBench(redis: redis)
        let proxy = try MessageProxy(to: redis.socketAddress)
        let daemon = try await bench.daemon(address: "redis://:secret@\(proxy.address)/5")
        try await bench.produce {
            for _ in 0..<25 {
                try redis.command(["CLIENT", "KILL", "TYPE", "normal"])
                await pause(.milliseconds(200))
            }
        }
        try await bench.expectKept(duplicatesAllowed: 25 * (FaultBench.slots + 64))

        let greetings = proxy.record.conversations.map { $0.prefix(2) }
        #expect(greetings.count > 5)
        for greeting in greetings {
            #expect(greeting.elementsEqual(["AUTH", "SELECT"].prefix(greeting.count)))
        }
        let other = try redis.connect()
        try other.command(["SELECT", "0"])
        #expect(try other.command(["DBSIZE"]) == .integer(0))
        #expect(!daemon.log.contains { $0.contains("secret") })
    }
}
