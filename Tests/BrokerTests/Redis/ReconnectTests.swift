import EventLoop
import JobQueue
import RedisBroker
import TestSupport
import Testing

/// On what only the broker on Redis has: its stand, and the loop it runs on.
func withRedis(
    server: RedisServer? = nil,
    _ body: @Sendable @concurrent (RedisUnderTest) async throws -> Void
) async throws {
    try await withEventLoop { loop in
        let stand = try await RedisUnderTest(loop: loop, server: server)
        do {
            try await body(stand)
        } catch {
            await stand.close()
            throw error
        }
        await stand.close()
    }
}

@Suite("A Redis broker whose connection is lost")
struct ReconnectTests {
    @Test("goes on claiming after the connection was cut in the middle of a claim")
    func cut() async throws {
        try await withRedis { stand in
            let proxy = try FaultProxy(to: stand.server.socketAddress)
            let daemon = try await stand.redisDaemon(address: proxy.address)
            try stand.push([Array(record(1).utf8)], to: .default)
            proxy.set(.requests, .stall)
            let before = proxy.traffic.requestBytes
            async let reply = daemon.broker.claim(1, from: .default)
            try await proxy.wait { $0.requestBytes > before }
            proxy.heal()
            proxy.end()
            let claims = try await reply.claims
            #expect(try numbers(claims.map(\.envelope)) == [1])
        }
    }
}
