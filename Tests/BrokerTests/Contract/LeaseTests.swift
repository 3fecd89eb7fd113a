import JobQueue
import TestSupport
import Testing

@Suite("A worker's lease")
struct LeaseTests {
    /// The one worker that there is.
    private func worker(_ broker: any Broker) async throws -> WorkerInfo {
        let workers = try await broker.workers()
        #expect(workers.count == 1)
        return try #require(workers.first)
    }

    @Test("a heartbeat keeps it for another lease", arguments: BrokerKind.allCases)
    func heartbeat(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon(lease: .seconds(1000)).broker
            let id = try await worker(broker).id
            try await stand.endLease(of: id, in: .default)
            #expect(try await worker(broker).leaseLeft < .zero)
            try await broker.heartbeat()
            let left = try await worker(broker).leaseLeft
            #expect(left > .seconds(900) && left <= .seconds(1000))
        }
    }

    @Test("as long as it is kept, nobody takes the worker's jobs", arguments: BrokerKind.allCases)
    func kept(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon(lease: .seconds(1000)).broker
            try await stand.push([record(1)])
            let claim = try await broker.claimOne()
            // A worker that is lost shows that the recoverer looks at all.
            let lost = try await stand.daemon()
            try await stand.push([record(2)])
            let taken = try await lost.broker.claimOne()
            await lost.crash()
            let recoverer = try await stand.daemon(lease: .milliseconds(100)).broker
            try await stand.endLease(of: taken.token.worker.description, in: .default)
            try await stand.endLease(of: claim.token.worker.description, in: .default)
            try await broker.heartbeat()
            let recovery = try await recoverOne(recoverer)
            #expect(recovery.worker == taken.token.worker.description)
            #expect(try await recoverer.recover(in: .default).recoveries.isEmpty)
            #expect(try await broker.finish([claim.finish(.ack)]) == [true])
        }
    }

    @Test("one heartbeat keeps it in all queues", arguments: BrokerKind.allCases)
    func allQueues(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let mail = try queue("mail")
            let broker = try await stand.daemon([.default, mail], lease: .seconds(1000)).broker
            let id = try await worker(broker).id
            try await stand.endLease(of: id, in: .default)
            try await stand.endLease(of: id, in: mail)
            try await broker.heartbeat()
            #expect(try await worker(broker).leaseLeft > .seconds(900))
            #expect(try await worker(broker).queues == ["default", "mail"])
        }
    }

    @Test(
        "a worker that was declared lost is told, whatever it asks", arguments: BrokerKind.allCases)
    func declaredLost(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let stopped = try await stand.daemon().broker
            try await stand.push(records(1...2))
            let claim = try await stopped.claimOne()
            let id = claim.token.worker.description
            try await stand.endLease(of: id, in: .default)
            let other = try await stand.daemon(lease: .milliseconds(100)).broker
            _ = try await recoverOne(other)

            await expectLeaseLost(of: id) { try await stopped.heartbeat() }
            await expectLeaseLost(of: id) { _ = try await stopped.claim(5, from: .default) }
            #expect(try await numbers(stand.records(.pending, in: .default)) == [1, 2])
            #expect(try await !stand.knows(id))
        }
    }

    @Test("when all data is gone, the worker is told", arguments: BrokerKind.allCases)
    func dataGone(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let id = try await worker(broker).id
            try await stand.loseEverything()
            try await stand.push(records(1...2))
            await expectLeaseLost(of: id) { try await broker.heartbeat() }
            await expectLeaseLost(of: id) { _ = try await broker.claim(5, from: .default) }
            #expect(await broker.renewIdentity(after: id))
            #expect(try await broker.claim(5, from: .default).claims.count == 2)
        }
    }

    @Test("a cut connection does not cost it the lease", arguments: BrokerKind.allCases)
    func cut(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let daemon = try await stand.daemon(lease: .seconds(1000))
            try await stand.push(records(1...2))
            let claim = try await daemon.broker.claimOne()
            let id = try await worker(daemon.broker).id
            daemon.cut()
            try await daemon.broker.heartbeat()
            let next = try await daemon.broker.claimOne()
            #expect(next.token.worker.description == id)
            #expect(next.token != claim.token)
            #expect(
                try await daemon.broker.finish([claim.finish(.ack), next.finish(.ack)])
                    == [true, true])
        }
    }

    @Test(
        "a worker that lost it goes on under a new identity, once", arguments: BrokerKind.allCases)
    func renewed(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let mail = try queue("mail")
            let broker = try await stand.daemon([.default, mail]).broker
            try await stand.push(records(1...1), to: mail)
            let old = try await broker.claimOne(from: mail)
            let id = old.token.worker.description
            try await stand.endLease(of: id, in: .default)
            let other = try await stand.daemon(lease: .milliseconds(100)).broker
            _ = try await recoverOne(other)
            await expectLeaseLost(of: id) { try await broker.heartbeat() }

            #expect(await broker.renewIdentity(after: id))
            #expect(await !broker.renewIdentity(after: id))
            #expect(await !broker.renewIdentity(after: "somebody"))
            try await broker.heartbeat()
            try await stand.push([record(2)])
            let claim = try await broker.claimOne()
            #expect(claim.token.worker.description != id)
            // What it still held in the other queue stays under the old identity until it is finished.
            #expect(try await broker.finish([old.finish(.release)]) == [true])
            #expect(try await numbers(stand.records(.pending, in: mail)) == [1])
        }
    }
}
