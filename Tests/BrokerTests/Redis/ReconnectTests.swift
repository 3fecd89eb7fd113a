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

    /// A worker can have been declared lost, and have come back by a registration of its first
    /// connection that arrived late. Of what it claimed before, some may be gone.
    @Test("does not lose the outcomes of the jobs it still has for one that was taken back")
    func takenBack() async throws {
        try await withRedis { stand in
            let proxy = try FaultProxy(to: stand.server.socketAddress)
            let daemon = try await stand.redisDaemon(address: proxy.address)
            try stand.push(records(1...2).map { Array($0.utf8) }, to: .default)
            let claims = try await daemon.broker.claimAll()
            let first = try #require(claims.first).token
            proxy.end()
            try await daemon.waitUntilUp(2)
            try stand.redis("HDEL", stand.key("active:\(first.worker)"), "\(first.number)")

            let written = try await daemon.broker.finish(claims.map { $0.finish(.ack) })
            #expect(written == [false, true])
            #expect(try await daemon.broker.stats(of: .default).totals.done == 1)
        }
    }
}
