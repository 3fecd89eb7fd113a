import JobQueue
import TestSupport
import Testing

@Suite("A record that Redis does not take back")
struct UnsendableTests {
    /// What a server with a small limit has.
    private static func server() async throws -> RedisServer {
        let server = try await RedisServer()
        try server.command(["CONFIG", "SET", "proto-max-bulk-len", "1mb"])
        return server
    }

    /// The record as it came, and one that is too large for the server.
    private static let came = largeRecord(1, kilobytes: 900)
    private static let grown = Array(largeRecord(1, kilobytes: 1100).utf8)

    @Test(
        "is moved as it lies, and all other outcomes are written",
        arguments: [
            (Outcome.deadLetter(envelope: grown), JobState.dead),
            (.retry(after: .seconds(60), envelope: grown), .dead),
            (.release(envelope: grown), .pending),
        ])
    func movedAsItLies(outcome: Outcome, state: JobState) async throws {
        try await withRedis(server: Self.server()) { stand in
            let broker = try await stand.redisDaemon(lease: .seconds(100)).broker
            try stand.push(
                ([Self.came] + records(2...100)).map { Array($0.utf8) }, to: .default)
            var claims = try await broker.claimAll()
            #expect(claims.count == 100)
            let large = claims.removeFirst()
            let results = try await broker.finish(
                [large.finish(outcome)] + claims.map { $0.finish(.ack) })
            #expect(results.first == .leftAsItLay(bytes: Self.grown.count))
            #expect(results.dropFirst().allSatisfy { $0 == .written })
            #expect(try stand.records(state, in: .default) == [Array(Self.came.utf8)])
            #expect(try stand.records(.active, in: .default).isEmpty)
            #expect(try await broker.stats(of: .default).totals.done == 99)
        }
    }

    @Test("a worker that is lost with it leaves it to others, as it lies")
    func recovered() async throws {
        try await withRedis(server: Self.server()) { stand in
            let first = try await stand.redisDaemon()
            try stand.push([Array(Self.came.utf8)], to: .default)
            let claim = try await first.broker.claimOne()
            await first.crash()
            try stand.endLease(of: claim.token.worker.description, in: .default)
            let recovery = try await recoverOne(try await stand.redisDaemon().broker)
            #expect(recovery.jobs == 1)
        }
    }

    @Test("outcomes that were cut off again and again are small, and wait for the connection")
    func smallOnes() async throws {
        try await withRedis { stand in
            let proxy = try FaultProxy(to: stand.server.socketAddress)
            let daemon = try await stand.redisDaemon(lease: .seconds(100), address: proxy.address)
            try stand.push(records(1...20).map { Array($0.utf8) }, to: .default)
            let claims = try await daemon.broker.claimAll()
            for number in 2...6 {
                proxy.set(.requests, .stall)
                let before = proxy.traffic.requestBytes
                async let results = daemon.broker.finish(claims.map { $0.finish(.retry) })
                try await proxy.wait { $0.requestBytes > before }
                proxy.heal()
                proxy.end()
                try await daemon.waitUntilUp(number)
                #expect(try await results.allSatisfy { $0 == .written || $0 == .refused })
            }
            #expect(try stand.records(.scheduled, in: .default).count == 20)
        }
    }
}
