import JobQueue
import TestSupport
import Testing

@Suite("Taking jobs back from lost workers")
struct RecoveryTests {
    /// A daemon that claimed what there is and crashed.
    private func crashed(
        _ stand: any BrokerUnderTest, queues: [QueueName] = [.default]
    ) async throws -> [Claim] {
        let daemon = try await stand.daemon(queues, lease: .seconds(1000))
        var claims: [Claim] = []
        for queue in queues { claims += try await daemon.broker.claimAll(from: queue) }
        await daemon.crash()
        return claims
    }

    private func endLease(_ stand: any BrokerUnderTest, _ claims: [Claim]) async throws {
        let worker = try #require(claims.first).token.worker.description
        for queue in Set(claims.map(\.token.queue)) {
            try await stand.endLease(of: worker, in: queue)
        }
    }

    @Test(
        "its jobs go to the head in the order of their claims, each loss counted",
        arguments: BrokerKind.allCases)
    func order(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            try await stand.push(
                (1...4).map { record($0, #""id":"j\#($0)","attempts":3,"other":[1]"#) })
            let claims = try await crashed(stand)
            try await stand.push([record(5)])
            try await endLease(stand, claims)
            let broker = try await stand.daemon(lease: .milliseconds(100)).broker
            let recovery = try await recoverOne(broker)
            #expect(
                recovery
                    == Recovery(
                        worker: claims[0].token.worker.description, queue: .default, jobs: 4))
            let pending = try await stand.records(.pending, in: .default)
            #expect(try numbers(pending) == [1, 2, 3, 4, 5])
            #expect(try pending.map { try read($0).lost } == [1, 1, 1, 1, 0])
            #expect(try pending.prefix(4).allSatisfy { try read($0).attempts == 3 })
            #expect(
                try pending.prefix(4).map { try read($0).id?.description }
                    == ["j1", "j2", "j3", "j4"])
            #expect(
                pending.prefix(4).allSatisfy {
                    String(decoding: $0, as: UTF8.self).contains(#""other":[1]"#)
                })
            #expect(try await broker.stats(of: .default).totals.recovered == 4)
            #expect(try await !stand.knows(recovery.worker))
        }
    }

    @Test("a job without an id keeps that of its first claim", arguments: BrokerKind.allCases)
    func firstClaimID(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            try await stand.push(records(1...2))
            let first = try await crashed(stand)
            try await endLease(stand, first)
            let broker = try await stand.daemon(lease: .milliseconds(100)).broker
            _ = try await recoverOne(broker)
            let second = try await crashed(stand)
            #expect(try second.map { try $0.jobID } == first.map { JobID(firstClaim: $0.token) })
            try await endLease(stand, second)
            // To one that looks for the first time: the other knows that this lease is younger than its last look.
            let last = try await stand.daemon(lease: .milliseconds(100)).broker
            _ = try await recoverOne(last)
            let third = try await last.claimAll()
            #expect(try third.map { try $0.jobID } == first.map { JobID(firstClaim: $0.token) })
            #expect(try third.map { try read($0.envelope).lost } == [2, 2])
        }
    }

    @Test("a record that is no job goes back as it is", arguments: BrokerKind.allCases)
    func undecodable(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let garbage: [[UInt8]] = [[0, 255, 13], Array("[]".utf8), []]
            try await stand.push(garbage, to: .default)
            let claims = try await crashed(stand)
            try await endLease(stand, claims)
            let broker = try await stand.daemon(lease: .milliseconds(100)).broker
            #expect(try await recoverOne(broker).jobs == 3)
            #expect(try await stand.records(.pending, in: .default) == garbage)
        }
    }

    @Test("nothing is taken from a worker whose lease stands", arguments: BrokerKind.allCases)
    func leaseStands(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            try await stand.push([record(1)])
            let silent = try await crashed(stand)
            try await stand.push([record(2)])
            let over = try await crashed(stand)
            try await endLease(stand, over)
            let broker = try await stand.daemon(lease: .milliseconds(100)).broker
            let recovery = try await recoverOne(broker)
            #expect(recovery.worker == over[0].token.worker.description)
            #expect(try await broker.recover(in: .default).recoveries.isEmpty)
            #expect(try await numbers(stand.records(.active, in: .default)) == [1])
            #expect(try await stand.knows(silent[0].token.worker.description))
        }
    }

    @Test("who looks is told when to look again", arguments: BrokerKind.allCases)
    func nextLook(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let client = try await stand.client()
            #expect(try await client.recover(in: .default).nextLook == nil)
            _ = try await stand.daemon(lease: .seconds(50))
            let left = try #require(try await client.recover(in: .default).nextLook)
            #expect(left > .seconds(10) && left <= .seconds(50))
        }
    }

    @Test(
        "who has not held a lease of its own for long enough takes nothing",
        arguments: BrokerKind.allCases)
    func notBeforeOneLease(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            try await stand.push([record(1)])
            let claims = try await crashed(stand)
            try await endLease(stand, claims)
            let fresh = try await stand.daemon(lease: .seconds(1000)).broker
            let client = try await stand.client()
            for broker in [fresh, client] {
                try await broker.heartbeat()
                #expect(try await broker.recover(in: .default).recoveries.isEmpty)
            }
            #expect(try await numbers(stand.records(.active, in: .default)) == [1])
        }
    }

    @Test("who could not keep its own lease takes nothing either", arguments: BrokerKind.allCases)
    func notAfterABreak(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            try await stand.push([record(1)])
            let claims = try await crashed(stand)
            let broker = try await stand.daemon(lease: .milliseconds(100)).broker
            let id = try #require(
                try await broker.workers().map(\.id).first {
                    $0 != claims[0].token.worker.description
                })
            // Its lease was over for a while, because it, or the broker, stood still.
            await eventually {
                try await broker.workers().contains { $0.id == id && $0.leaseLeft < .zero }
            }
            try await endLease(stand, claims)
            #expect(try await broker.recover(in: .default).recoveries.isEmpty)
            try await broker.heartbeat()
            #expect(try await broker.recover(in: .default).recoveries.isEmpty)
            // One unbroken lease later it does.
            _ = try await recoverOne(broker)
        }
    }

    @Test(
        "many jobs come back in slices, none is forgotten, and their order stays",
        arguments: BrokerKind.allCases)
    func many(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            try await stand.push(records(1...1300))
            let claims = try await crashed(stand)
            try await endLease(stand, claims)
            let broker = try await stand.daemon(lease: .milliseconds(100)).broker
            #expect(try await recoverOne(broker).jobs == 1300)
            #expect(try await numbers(stand.records(.pending, in: .default)) == Array(1...1300))
            #expect(try await !stand.knows(claims[0].token.worker.description))
        }
    }

    @Test(
        "two that recover the same worker at once move each job once",
        arguments: BrokerKind.allCases)
    func twoRecoverers(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let one = try await stand.daemon(lease: .milliseconds(500)).broker
            let other = try await stand.daemon(lease: .milliseconds(500)).broker
            try await stand.push(records(1...700))
            let claims = try await crashed(stand)
            try await endLease(stand, claims)
            let worker = claims[0].token.worker.description
            @Sendable func recover(_ broker: any Broker) async throws -> Int {
                var jobs = 0
                await eventually {
                    try await broker.heartbeat()
                    let found = try await broker.recover(in: .default).recoveries
                    jobs += found.filter { $0.worker == worker }.map(\.jobs).reduce(0, +)
                    return try await !stand.knows(worker)
                }
                return jobs
            }
            async let ones = recover(one)
            async let others = recover(other)
            #expect(try await ones + others == 700)
            #expect(
                try await numbers(stand.records(.pending, in: .default)).sorted() == Array(1...700))
        }
    }

    @Test("a restarted instance takes its former jobs back at once", arguments: BrokerKind.allCases)
    func formerSelf(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let mail = try queue("mail")
            try await stand.push(records(1...2))
            try await stand.push(records(3...3), to: mail)
            let claims = try await crashed(stand, queues: [.default, mail])
            let former = claims[0].token.worker
            let broker = try await stand.daemon([.default, mail], lease: .seconds(1000)).broker
            let recoveries = try await broker.recoverFormerSelf(former)
            #expect(
                recoveries == [
                    Recovery(worker: former.description, queue: .default, jobs: 2),
                    Recovery(worker: former.description, queue: mail, jobs: 1),
                ])
            #expect(try await numbers(stand.records(.pending, in: .default)) == [1, 2])
            #expect(try await numbers(stand.records(.pending, in: mail)) == [3])
            #expect(try await !stand.knows(former.description))
            #expect(try await broker.recoverFormerSelf(former) == [])
        }
    }

    @Test(
        "a former self that signed off, or never was, leaves nothing to do",
        arguments: BrokerKind.allCases)
    func noFormerSelf(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let stranger = WorkerID(unixMilliseconds: 1, random: 1)
            #expect(try await broker.recoverFormerSelf(stranger) == [])
            try await broker.heartbeat()
        }
    }
}
