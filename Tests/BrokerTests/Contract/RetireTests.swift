import JobQueue
import TestSupport
import Testing

@Suite("Signing off")
struct RetireTests {
    @Test("a worker that holds nothing leaves nothing behind", arguments: BrokerKind.allCases)
    func clean(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let mail = try queue("mail")
            let daemon = try await stand.daemon([.default, mail])
            try await stand.push(records(1...2))
            let claims = try await daemon.broker.claimAll()
            let worker = claims[0].token.worker.description
            #expect(try await stand.knows(worker))
            _ = try await daemon.broker.finish([claims[0].finish(.ack), claims[1].finish(.release)])
            try await daemon.broker.retire()
            #expect(try await !stand.knows(worker))
            #expect(try await daemon.broker.workers().isEmpty)

            // Neither when the connection is lost and comes back afterwards.
            daemon.cut()
            await eventually { try await daemon.broker.workers().isEmpty }
            #expect(try await numbers(stand.records(.pending, in: .default)) == [2])
        }
    }

    @Test("signing off twice does no harm", arguments: BrokerKind.allCases)
    func twice(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await broker.retire()
            try await broker.retire()
            #expect(try await broker.workers().isEmpty)
        }
    }

    @Test(
        "a job that it still holds stays its own, and is taken back when the lease ends",
        arguments: BrokerKind.allCases)
    func stillHolding(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let daemon = try await stand.daemon()
            try await stand.push([record(1)])
            let claim = try await daemon.broker.claimOne()
            try await daemon.broker.retire()
            await daemon.crash()
            #expect(try await numbers(stand.records(.active, in: .default)) == [1])
            try await stand.endLease(of: claim.token.worker.description, in: .default)
            let other = try await stand.daemon(lease: .milliseconds(100)).broker
            #expect(try await recoverOne(other).jobs == 1)
        }
    }

    @Test("a producer has nothing to sign off", arguments: BrokerKind.allCases)
    func producer(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in try await stand.client().retire() }
    }
}
