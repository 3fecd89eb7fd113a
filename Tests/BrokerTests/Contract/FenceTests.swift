import JobQueue
import TestSupport
import Testing

@Suite("The fence: an outcome counts once, and only from who holds the job")
struct FenceTests {
    @Test("the own token is let through", arguments: BrokerKind.allCases, OutcomeKind.allCases)
    func own(kind: BrokerKind, outcome: OutcomeKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([record(1)])
            let claim = try await broker.claimOne()
            #expect(try await broker.finish([claim.finish(outcome)]) == [true])
            #expect(try await stand.records(.active, in: .default).isEmpty)
        }
    }

    @Test(
        "an outcome that is written again is refused and changes nothing",
        arguments: BrokerKind.allCases, OutcomeKind.allCases)
    func replay(kind: BrokerKind, outcome: OutcomeKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([record(1)])
            let claim = try await broker.claimOne()
            #expect(try await broker.finish([claim.finish(outcome)]) == [true])
            let before = try await broker.stats()
            for second in OutcomeKind.allCases {
                let again = claim.finish(second.outcome(claim.envelope), isReplay: true)
                #expect(try await broker.finish([again]) == [false])
            }
            #expect(try await broker.stats() == before)
        }
    }

    @Test(
        "a first write is refused as well when the job is not there",
        arguments: BrokerKind.allCases, OutcomeKind.allCases)
    func second(kind: BrokerKind, outcome: OutcomeKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([record(1)])
            let claim = try await broker.claimOne()
            #expect(try await broker.finish([claim.finish(.ack)]) == [true])
            #expect(try await broker.finish([claim.finish(outcome)]) == [false])
            #expect(try await broker.stats(of: .default).totals.done == 1)
        }
    }

    @Test(
        "a token that nobody has, or of a job that another queue has, is refused",
        arguments: BrokerKind.allCases, OutcomeKind.allCases)
    func foreign(kind: BrokerKind, outcome: OutcomeKind) async throws {
        try await withBroker(kind) { stand in
            let mail = try queue("mail")
            let broker = try await stand.daemon([.default, mail]).broker
            try await stand.push([record(1)])
            let claim = try await broker.claimOne()
            let token = claim.token
            let stranger = WorkerID(unixMilliseconds: 1, random: 1)
            let foreign = [
                LeaseToken(worker: stranger, queue: .default, number: token.number),
                LeaseToken(worker: token.worker, queue: .default, number: token.number + 1),
                LeaseToken(worker: token.worker, queue: mail, number: token.number),
            ]
            let written = try await broker.finish(
                foreign.map { Finish(token: $0, outcome: outcome.outcome(claim.envelope)) })
            #expect(written == [false, false, false])
            let stats = try await broker.stats(of: .default)
            #expect(stats.active == 1)
            #expect(stats.pending + stats.scheduled + stats.dead + stats.totals.done == 0)
        }
    }

    @Test(
        "the outcome of a worker that was lost meanwhile is refused: the job ends once",
        arguments: BrokerKind.allCases, OutcomeKind.allCases)
    func late(kind: BrokerKind, outcome: OutcomeKind) async throws {
        try await withBroker(kind) { stand in
            let stopped = try await stand.daemon().broker
            try await stand.push([record(1)])
            let late = try await stopped.claimOne()
            try await stand.endLease(of: late.token.worker.description, in: .default)
            let other = try await stand.daemon(lease: .milliseconds(100)).broker
            #expect(try await recoverOne(other).jobs == 1)

            #expect(try await stopped.finish([late.finish(outcome)]) == [false])
            let claim = try await other.claimOne()
            #expect(try await stopped.finish([late.finish(outcome)]) == [false])
            #expect(try await other.finish([claim.finish(.ack)]) == [true])
            #expect(try await stopped.finish([late.finish(outcome)]) == [false])

            let stats = try await other.stats(of: .default)
            #expect(stats.pending + stats.scheduled + stats.active + stats.dead == 0)
            #expect(stats.totals.done == 1)
        }
    }

    @Test(
        "a worker that was declared lost may still finish what nobody took back yet",
        arguments: BrokerKind.allCases)
    func underOldIdentity(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...2))
            let claim = try await broker.claimOne()
            #expect(await broker.renewIdentity(after: claim.token.worker.description))
            let next = try await broker.claimOne()
            #expect(next.token.worker != claim.token.worker)
            #expect(
                try await broker.finish([claim.finish(.ack), next.finish(.ack)]) == [true, true])
        }
    }

    @Test(
        "when all data is gone, outcomes are refused quietly", arguments: BrokerKind.allCases,
        OutcomeKind.allCases)
    func dataGone(kind: BrokerKind, outcome: OutcomeKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...2))
            let claims = try await broker.claimAll()
            try await stand.loseEverything()
            #expect(try await broker.finish(claims.map { $0.finish(outcome) }) == [false, false])
            for state in JobState.allCases {
                #expect(try await stand.records(state, in: .default).isEmpty)
            }
        }
    }
}
