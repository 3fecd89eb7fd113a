import JobQueue
import TestSupport
import Testing

@Suite("Requeuing dead jobs")
struct RequeueTests {
    @Test("it goes to the tail, as if it had never run", arguments: BrokerKind.allCases)
    func byID(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([record(1, #""id":"a","other":7"#), record(2)])
            let claim = try await broker.claimOne()
            let failed = try read(claim.envelope).updated(
                EnvelopeChanges(
                    attempts: 25, lastError: "no luck", failedAt: 9, lost: 2, released: 1))
            _ = try await broker.finish([claim.finish(.deadLetter(envelope: failed))])

            let result = try await broker.requeue(.ids([id("a"), id("nobody")]))
            #expect(result.changed == ["a"])
            #expect(result.refused.isEmpty)
            #expect(try await stand.records(.dead, in: .default).isEmpty)
            let pending = try await stand.records(.pending, in: .default)
            #expect(try numbers(pending) == [2, 1])
            let envelope = try read(pending[1])
            #expect(envelope.attempts + envelope.lost + envelope.released == 0)
            #expect(envelope.lastError == nil)
            #expect(envelope.failedAt == nil)
            #expect(envelope.id?.description == "a")
            #expect(String(decoding: envelope.bytes, as: UTF8.self).contains(#""other":7"#))
        }
    }

    @Test("a job that is not dead is left alone, with the reason", arguments: BrokerKind.allCases)
    func notDead(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(
                ["active", "scheduled", "pending"].map { record(1, "\"id\":\"\($0)\"") })
            let claims = try await broker.claim(2, from: .default).claims
            _ = try await broker.finish([claims[1].finish(.retry)])
            let before = try await broker.stats()
            for state in ["active", "scheduled", "pending"] {
                let result = try await broker.requeue(.ids([id(state)]))
                #expect(result.changed.isEmpty)
                #expect(result.refused.map(\.id) == [state])
                #expect(result.refused.first?.reason.contains(state) == true)
            }
            #expect(try await broker.stats() == before)
        }
    }

    @Test("a record that was no job goes back byte for byte", arguments: BrokerKind.allCases)
    func undecodable(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let garbage: [UInt8] = Array("{\"type\":".utf8) + [0, 255, 13, 10]
            try await stand.push([garbage], to: .default)
            let claim = try await broker.claimOne()
            let kept = UndecodableRecord(
                id: JobID(firstClaim: claim.token), raw: garbage, lastError: "no job", failedAt: 1)
            _ = try await broker.finish([claim.finish(.deadLetter(envelope: kept.encoded()))])
            #expect(try await broker.find(kept.id).map(\.state) == [.dead])
            #expect(try await broker.requeue(.ids([kept.id])).changed == [kept.id.description])
            #expect(try await stand.records(.pending, in: .default) == [garbage])
        }
    }

    /// 1 200 dead jobs of two types, and one that was no job.
    private func manyDead(_ stand: any BrokerUnderTest) async throws -> any Broker {
        let broker = try await stand.daemon().broker
        try await stand.push(
            (1...1200).map {
                record($0, type: $0.isMultiple(of: 3) ? "third" : "test", #""id":"j\#($0)""#)
            } + ["garbage"])
        let claims = try await broker.claimAll()
        _ = try await broker.finish(
            claims.dropLast().map { $0.finish(.deadLetter) }
                + claims.suffix(1).map {
                    let kept = UndecodableRecord(
                        id: JobID(firstClaim: $0.token), raw: $0.envelope, lastError: "no job",
                        failedAt: 1)
                    return $0.finish(.deadLetter(envelope: kept.encoded()))
                })
        #expect(try await broker.stats(of: .default).dead == 1201)
        return broker
    }

    @Test("all go back at once, however many", arguments: BrokerKind.allCases)
    func all(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await manyDead(stand)
            let result = try await broker.requeue(.all(type: nil))
            #expect(result.changed.count == 1201)
            #expect(Set(result.changed).count == 1201)
            #expect(result.refused.isEmpty)
            let stats = try await broker.stats(of: .default)
            #expect(stats.dead == 0)
            #expect(stats.pending == 1201)
            let pending = try await stand.records(.pending, in: .default)
            #expect(pending.contains(Array("garbage".utf8)))
            let jobs = pending.filter { $0 != Array("garbage".utf8) }
            #expect(try numbers(jobs).sorted() == Array(1...1200))
        }
    }

    @Test("all of one type go back, and no other", arguments: BrokerKind.allCases)
    func ofType(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await manyDead(stand)
            let result = try await broker.requeue(.all(type: JobType("third")))
            #expect(result.changed.count == 400)
            #expect(
                try await numbers(stand.records(.pending, in: .default)).sorted()
                    == (1...400).map { $0 * 3 })
            #expect(try await broker.stats(of: .default).dead == 801)
            #expect(try await broker.requeue(.all(type: JobType("none"))).changed.isEmpty)
        }
    }

    @Test("two operators at once leave none behind and double none", arguments: BrokerKind.allCases)
    func twoOperators(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let one = try await manyDead(stand)
            let other = try await stand.client()
            async let ones = one.requeue(.all(type: nil))
            async let others = other.requeue(.all(type: nil))
            let changed = try await ones.changed + others.changed
            #expect(changed.count == 1201)
            #expect(try await one.stats(of: .default).dead == 0)
            #expect(try await one.stats(of: .default).pending == 1201)
        }
    }
}
