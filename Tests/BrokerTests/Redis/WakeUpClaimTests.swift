import JobQueue
import RedisBroker
import TestSupport
import Testing

@Suite("A claim behind a wait for work, on Redis")
struct WakeUpClaimTests {
    @Test("brings the job that ends the wait, and tells that there are no more")
    func brings() async throws {
        try await withRedis { stand in
            let broker = try await stand.redisDaemon().broker
            async let reply = broker.waitForWork(in: .default, claiming: 4)
            try await broker.heartbeat()
            try stand.push([Array(record(1).utf8)], to: .default)
            let claims = try await reply.claims
            #expect(try numbers(claims.map(\.envelope)) == [1])
            #expect(try await reply.rest == .empty)
            #expect(try await broker.finish(claims.map { $0.finish(.ack) }) == [true])
        }
    }

    @Test("brings it although Redis has forgotten the scripts")
    func forgottenScripts() async throws {
        try await withRedis(server: RedisServer()) { stand in
            let broker = try await stand.redisDaemon().broker
            try stand.redis("SCRIPT", "FLUSH")
            async let reply = broker.waitForWork(in: .default, claiming: 1)
            try stand.push([Array(record(1).utf8)], to: .default)
            #expect(try await numbers(reply.claims.map(\.envelope)) == [1])
        }
    }

    @Test("brings it although a full Redis refuses the wait")
    func fullServer() async throws {
        try await withRedis(server: RedisServer()) { stand in
            let broker = try await stand.redisDaemon().broker
            try stand.push([Array(record(1).utf8)], to: .default)
            try stand.redis("CONFIG", "SET", "maxmemory", "1")
            let reply = try await broker.waitForWork(in: .default, claiming: 1)
            let claims = try await reply.claims + broker.claimAll()
            #expect(try numbers(claims.map(\.envelope)) == [1])
            #expect(try await broker.finish(claims.map { $0.finish(.ack) }) == [true])
        }
    }

    @Test("whose answer is lost has what it brought taken up on a new connection")
    func lostAnswer() async throws {
        try await withRedis { stand in
            let proxy = try MessageProxy(
                to: stand.server.socketAddress, failing: .cut(.beforeReply, all: false),
                at: .init("claim"))
            let daemon = try await stand.redisDaemon(address: proxy.address)
            async let reply = daemon.broker.waitForWork(in: .default, claiming: 4)
            try await proxy.wait { $0.exchanges.contains(.init("claim")) }
            try stand.push([Array(record(1).utf8)], to: .default)
            #expect(try await reply.claims.isEmpty)
            try await daemon.waitUntilUp(2)
            let claim = try await daemon.broker.claimOne()
            #expect(try await daemon.broker.finish([claim.finish(.ack)]) == [true])
            #expect(try stand.records(.active, in: .default).isEmpty)
        }
    }

    @Test("whose answer is not there when the worker signs off is fenced, without a new connection")
    func signOff() async throws {
        try await withRedis { stand in
            let proxy = try MessageProxy(
                to: stand.server.socketAddress, failing: .stallReply, at: .init("claim"))
            let daemon = try await stand.redisDaemon(address: proxy.address)
            // The test awaits its value.
            let wait = Task { try await daemon.broker.waitForWork(in: .default, claiming: 4) }
            try await proxy.wait { $0.exchanges.contains(.init("claim")) }
            try stand.push([Array(record(1).utf8)], to: .default)
            try await proxy.wait { $0.hasFailed }
            wait.cancel()
            // That it was woken may have been heard.
            let reply = try? await wait.value
            #expect(reply?.claims.isEmpty != false)
            try await daemon.broker.retire()
            #expect(try stand.records(.active, in: .default).isEmpty)
            let back = try stand.records(.pending, in: .default)
            #expect(back == [Array(record(1).utf8)])
            #expect(daemon.changes.value.count == 1)
            #expect(try !stand.knows(await daemon.broker.workerID.description))
        }
    }

    @Test("whose answer comes after a registration has brought what that found, and nothing else")
    func lateAnswer() async throws {
        try await withRedis(server: RedisServer()) { stand in
            let proxy = try MessageProxy(
                to: stand.server.socketAddress, failing: .holdReply, at: .init("claim"))
            let daemon = try await stand.redisDaemon(address: proxy.address)
            async let reply = daemon.broker.waitForWork(in: .default, claiming: 4)
            try await proxy.wait { $0.exchanges.contains(.init("claim")) }
            try stand.push([Array(record(1).utf8)], to: .default)
            try await proxy.wait { $0.hasFailed }
            try Self.killConnectionForCommands(stand)
            try await daemon.waitUntilUp(2)
            let claim = try await daemon.broker.claimOne()
            try await proxy.release()
            #expect(try await reply.claims.isEmpty)
            #expect(try await daemon.broker.finish([claim.finish(.ack)]) == [true])
        }
    }

    /// The one that neither waits nor asks for the list of them.
    private static func killConnectionForCommands(_ stand: RedisUnderTest) throws {
        let clients = try #require(stand.redis("CLIENT", "LIST").text).split(separator: "\n")
        let others = clients.filter {
            !$0.contains(" cmd=evalsha ") && !$0.contains(" cmd=client|list ")
        }
        #expect(others.count == 1)
        for client in others {
            let id = try #require(client.split(separator: " ").first).dropFirst("id=".count)
            try stand.redis("CLIENT", "KILL", "ID", String(id))
        }
    }

    @Test("that Redis carries out after a registration brings nothing")
    func late() async throws {
        try await withRedis { stand in
            let proxy = try MessageProxy(
                to: stand.server.socketAddress, failing: .orphanRequest, at: .init("claim"))
            let daemon = try await stand.redisDaemon(address: proxy.address)
            // The test awaits its value.
            let wait = Task { try await daemon.broker.waitForWork(in: .default, claiming: 4) }
            try await daemon.waitUntilUp(2)
            wait.cancel()
            await #expect(throws: CancellationError.self) { try await wait.value }
            try stand.push([Array(record(1).utf8)], to: .default)
            try await proxy.release()
            #expect(try stand.records(.active, in: .default).isEmpty)
            #expect(try stand.records(.pending, in: .default).count == 1)
        }
    }
}
