import JobQueue
import TestSupport
import Testing

@Suite("Unique jobs")
struct UniqueKeyTests {
    private func unique(
        _ text: String, key: String = "k", _ change: (inout NewJob) throws -> Void = { _ in }
    ) throws -> NewJob {
        try job(1) {
            $0.id = try id(text)
            $0.uniqueKey = key
            try change(&$0)
        }
    }

    /// How a worker finishes it: with the key to be given back.
    private func finish(_ claim: Claim, _ outcome: Outcome) throws -> Finish {
        claim.finish(outcome, unique: UniqueKey(key: "k", holder: try claim.jobID))
    }

    @Test("while a job with the key waits, no other is taken in", arguments: BrokerKind.allCases)
    func taken(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let producer = try await stand.client()
            let results = try await producer.enqueue([
                unique("a"), unique("b"), unique("c", key: "other"),
                job { $0.uniqueKey = "k" },
            ])
            #expect(
                results == [
                    .enqueued(try id("a")), .duplicate(holder: try id("a")),
                    .enqueued(try id("c")), .duplicate(holder: try id("a")),
                ])
            #expect(try await stand.records(.pending, in: .default).count == 2)
            #expect(try await stand.holder(of: "k") == "a")
        }
    }

    @Test("a job with a key and no id of its own holds it, too", arguments: BrokerKind.allCases)
    func withoutID(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let producer = try await stand.client()
            let asked = try job { $0.uniqueKey = "k" }
            let first = try #require(try await producer.enqueue([asked]).first)
            #expect(try await producer.enqueue([asked]) == [.duplicate(holder: first.id)])
        }
    }

    @Test(
        "a refused id is not remembered: it may come once the key is free",
        arguments: BrokerKind.allCases)
    func refusedIsNotRemembered(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            _ = try await broker.enqueue([unique("a"), unique("b")])
            _ = try await broker.finish([finish(broker.claimOne(), .ack)])
            #expect(try await broker.enqueue([unique("b")]) == [.enqueued(try id("b"))])
            #expect(try await stand.records(.pending, in: .default).count == 1)
        }
    }

    @Test("the same job sent again is answered as the first time", arguments: BrokerKind.allCases)
    func sentAgain(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let producer = try await stand.client()
            _ = try await producer.enqueue([unique("a")])
            #expect(try await producer.enqueue([unique("a")]) == [.known(try id("a"))])
        }
    }

    @Test(
        "the job that holds the key is known by it, also when its id is forgotten",
        arguments: BrokerKind.allCases)
    func heldByItself(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let producer = try await stand.client()
            let asked = try unique("a") { $0.remember = .milliseconds(1) }
            _ = try await producer.enqueue([asked])
            await eventually("it is forgotten") {
                try await !producer.remembers(id("a"), in: .default)
            }
            #expect(try await producer.enqueue([asked]) == [.known(try id("a"))])
            #expect(try await stand.records(.pending, in: .default).count == 1)
        }
    }

    @Test(
        "the key is held while the job runs, is released, or waits for its retry",
        arguments: BrokerKind.allCases)
    func heldOn(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let refused: [EnqueueResult] = [.duplicate(holder: try id("a"))]
            _ = try await broker.enqueue([unique("a")])
            var claim = try await broker.claimOne()
            #expect(try await broker.enqueue([unique("b")]) == refused)
            // What a worker writes: the key goes back with the end alone.
            _ = try await broker.finish([claim.finish(.release)])
            #expect(try await broker.enqueue([unique("b")]) == refused)
            claim = try await broker.claimOne()
            _ = try await broker.finish([
                claim.finish(.retry(after: .zero, envelope: claim.envelope))
            ])
            #expect(try await broker.enqueue([unique("b")]) == refused)
            _ = try await broker.promoteDue(in: .default)
            #expect(try await broker.enqueue([unique("b")]) == refused)
            #expect(try await stand.holder(of: "k") == "a")
        }
    }

    @Test("the key is held when the worker is lost", arguments: BrokerKind.allCases)
    func heldOverLoss(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let lost = try await stand.daemon()
            _ = try await lost.broker.enqueue([unique("a")])
            let claim = try await lost.broker.claimOne()
            await lost.crash()
            try await stand.endLease(of: claim.token.worker.description, in: .default)
            let broker = try await stand.daemon(lease: .milliseconds(100)).broker
            _ = try await recoverOne(broker)
            #expect(
                try await broker.enqueue([unique("b")]) == [.duplicate(holder: try id("a"))])
        }
    }

    @Test("a delayed job holds its key", arguments: BrokerKind.allCases)
    func delayed(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let producer = try await stand.client()
            _ = try await producer.enqueue([unique("a") { $0.start = .after(.seconds(60)) }])
            #expect(
                try await producer.enqueue([unique("b")]) == [.duplicate(holder: try id("a"))])
        }
    }

    @Test(
        "the end of the job frees the key", arguments: BrokerKind.allCases,
        [OutcomeKind.ack, .deadLetter])
    func freed(kind: BrokerKind, outcome: OutcomeKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            _ = try await broker.enqueue([unique("a")])
            let claim = try await broker.claimOne()
            #expect(
                try await broker.finish([finish(claim, outcome.outcome(claim.envelope))]) == [true])
            #expect(try await stand.holder(of: "k") == nil)
            #expect(try await broker.enqueue([unique("b")]) == [.enqueued(try id("b"))])
        }
    }

    @Test("a key that another job holds by now is left alone", arguments: BrokerKind.allCases)
    func othersKey(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            // A foreign producer's job names a key that it never took.
            try await stand.push([record(1, #""id":"foreign","unique_key":"k""#)])
            _ = try await broker.enqueue([unique("a")])
            let claim = try await broker.claimOne()
            _ = try await broker.finish([finish(claim, .ack)])
            #expect(try await stand.holder(of: "k") == "a")
        }
    }

    @Test("a refused outcome frees nothing", arguments: BrokerKind.allCases)
    func refusedOutcome(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            _ = try await broker.enqueue([unique("a")])
            let claim = try await broker.claimOne()
            _ = try await broker.finish([claim.finish(.release)])
            var late = try finish(claim, .ack)
            late.isReplay = true
            #expect(try await broker.finish([late]) == [false])
            #expect(try await stand.holder(of: "k") == "a")
        }
    }

    @Test("deleting the job frees the key, wherever it waited", arguments: BrokerKind.allCases)
    func deleted(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.client()
            _ = try await broker.enqueue([unique("a")])
            #expect(try await broker.delete(.ids([id("a")])).changed == ["a"])
            #expect(try await stand.holder(of: "k") == nil)
            _ = try await broker.enqueue([unique("b") { $0.start = .after(.seconds(60)) }])
            #expect(try await broker.delete(.ids([id("b")])).changed == ["b"])
            #expect(try await stand.holder(of: "k") == nil)
        }
    }

    @Test("a dead job that is requeued takes its key again", arguments: BrokerKind.allCases)
    func requeued(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            _ = try await broker.enqueue([unique("a")])
            let claim = try await broker.claimOne()
            _ = try await broker.finish([finish(claim, .deadLetter(envelope: claim.envelope))])
            #expect(try await broker.requeue(.ids([id("a")])).changed == ["a"])
            #expect(try await stand.holder(of: "k") == "a")
            #expect(
                try await broker.enqueue([unique("b")]) == [.duplicate(holder: try id("a"))])
        }
    }

    @Test("it stays dead while another job holds its key", arguments: BrokerKind.allCases)
    func requeueRefused(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            _ = try await broker.enqueue([unique("a")])
            let claim = try await broker.claimOne()
            _ = try await broker.finish([finish(claim, .deadLetter(envelope: claim.envelope))])
            _ = try await broker.enqueue([unique("b")])
            for selection in [DeadSelection.ids([try id("a")]), .all(type: nil)] {
                let result = try await broker.requeue(selection)
                #expect(result.changed.isEmpty)
                #expect(result.refused.map(\.id) == ["a"])
                #expect(result.refused.first?.reason.contains("job b") == true)
            }
            #expect(try await stand.records(.dead, in: .default).count == 1)
            #expect(try await stand.holder(of: "k") == "b")
        }
    }

    @Test("deleting a dead job leaves the key to who holds it now", arguments: BrokerKind.allCases)
    func deletedDead(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            _ = try await broker.enqueue([unique("a")])
            let claim = try await broker.claimOne()
            _ = try await broker.finish([finish(claim, .deadLetter(envelope: claim.envelope))])
            _ = try await broker.enqueue([unique("b")])
            #expect(try await broker.delete(.ids([id("a")])).changed == ["a"])
            #expect(try await stand.holder(of: "k") == "b")
        }
    }

    @Test(
        "what was claimed while it was to be deleted keeps its key", arguments: BrokerKind.allCases)
    func deletedTooLate(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            _ = try await broker.enqueue([unique("a")])
            _ = try await broker.claimOne()
            #expect(try await broker.delete(.ids([id("a")])).changed == [])
            #expect(try await stand.holder(of: "k") == "a")
            #expect(try await broker.enqueue([unique("a")]) == [.known(try id("a"))])
        }
    }

    @Test("the same key in another queue is another key", arguments: BrokerKind.allCases)
    func otherQueue(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let producer = try await stand.client()
            let mail = try queue("mail")
            let results = try await producer.enqueue([unique("a"), unique("b") { $0.queue = mail }])
            #expect(results == [.enqueued(try id("a")), .enqueued(try id("b"))])
        }
    }
}
