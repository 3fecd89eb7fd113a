import JobQueue
import Testing

/// What the other tests build on.
@Suite("The broker's double", .timeLimit(.minutes(5)))
struct BrokerDoubleTests {
    private let broker = BrokerDouble()

    private func ack(_ claim: Claim) -> Finish { Finish(token: claim.token, outcome: .ack) }

    @Test("a claim takes from the head, under tokens that are never used twice")
    func claim() async throws {
        broker.push(["a", "b", "c"])
        let first = try await broker.claim(2, from: .default)
        #expect(first.claims.map { Sample.idText($0.envelope) } == ["a", "b"])
        #expect(first.rest == .more)
        let second = try await broker.claim(2, from: .default)
        #expect(second.claims.map { Sample.idText($0.envelope) } == ["c"])
        #expect(second.rest == .empty)
        #expect(Set((first.claims + second.claims).map(\.token)).count == 3)
        #expect(broker.calls == [.claim(.default, count: 2), .claim(.default, count: 2)])
    }

    @Test("an outcome counts once, and only while its token stands")
    func fence() async throws {
        broker.push(["a", "b"])
        let claims = try await broker.claim(2, from: .default).claims
        broker.state.update { $0.jobs.takeAway("b") }
        #expect(try await broker.finish(claims.map(ack)) == [.written, .refused])
        #expect(try await broker.finish(claims.map(ack)) == [.refused, .refused])
        #expect(broker.jobs.doneIDs == ["a"])
    }

    @Test("a worker that was declared lost can neither claim nor keep its lease")
    func lost() async throws {
        broker.push(["a"])
        let claims = try await broker.claim(1, from: .default).claims
        broker.state.update { $0.jobs.declareLost(in: .default) }
        #expect(broker.jobs.pending() == ["a"])
        await #expect(throws: BrokerError.self) { try await broker.heartbeat() }
        await #expect(throws: BrokerError.self) { try await broker.claim(1, from: .default) }
        #expect(try await broker.finish(claims.map(ack)) == [.refused])
        let worker = Sample.worker(1).description
        #expect(await broker.renewIdentity(after: worker))
        #expect(await !broker.renewIdentity(after: worker))
        try await broker.heartbeat()
        #expect(try await broker.claim(1, from: .default).claims.count == 1)
    }

    @Test("a call fails, or loses its answer, as often as it was told to")
    func faults() async throws {
        let error = BrokerError.refused(reason: "x")
        broker.push(["a", "b"])
        broker.next(.claim, .fail(error), .loseAnswer(error))
        await #expect(throws: error) { try await broker.claim(1, from: .default) }
        #expect(broker.jobs.active.isEmpty)
        await #expect(throws: error) { try await broker.claim(1, from: .default) }
        #expect(broker.jobs.active.count == 1)
        #expect(try await broker.claim(1, from: .default).claims.count == 1)
        broker.always(.claim, error)
        await #expect(throws: error) { try await broker.claim(1, from: .default) }
        broker.always(.claim, nil)
        #expect(try await broker.claim(1, from: .default).rest == .empty)
    }

    @Test("a wait ends when there is work that is not paused")
    func wait() async throws {
        broker.state.update { $0.jobs.queues[.default] = QueuesInMemory.Queue(isPaused: true) }
        async let wait: Void = broker.waitForWork(in: .default)
        try await broker.expectCall(.waitForWork)
        broker.push(["a"])
        #expect(broker.state.value.answers[.waitForWork] == nil)
        broker.state.update { $0.jobs.queues[.default]?.isPaused = false }
        try await wait
    }

    @Test("what is held up goes on when its gate opens, or ends when its task is cancelled")
    func gates() async throws {
        let (open, closed) = (Gate(), Gate())
        broker.next(.heartbeat, .hold(open), .hold(closed))
        async let first: Void = broker.heartbeat()
        try await broker.expectCall(.heartbeat)
        open.open()
        try await first
        let second = Task { try await broker.heartbeat() }
        try await broker.expectCall(.heartbeat, number: 2)
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
    }
}
