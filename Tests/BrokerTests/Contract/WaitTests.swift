import JobQueue
import TestSupport
import Testing

@Suite("Waiting for work")
struct WaitTests {
    /// A wait, and whether it has ended.
    private func wait(
        _ broker: any Broker, in queue: QueueName = .default
    ) -> (ended: Watched<Bool>, task: Task<Void, any Error>) {
        let ended = Watched(false)
        // Every test awaits its value.
        let task = Task {
            defer { ended.update { $0 = true } }
            try await broker.waitForWork(in: queue)
        }
        return (ended, task)
    }

    @Test("where there is work the wait is over at once", arguments: BrokerKind.allCases)
    func atOnce(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...2))
            try await broker.waitForWork(in: .default)
            #expect(try await numbers(broker.claimAll().map(\.envelope)) == [1, 2])
        }
    }

    @Test(
        "a foreign producer's push ends it, and takes nothing away", arguments: BrokerKind.allCases)
    func push(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            #expect(try await broker.claim(1, from: .default).rest == .empty)
            let wait = wait(broker)
            try await stand.push(records(1...3))
            try await wait.task.value
            #expect(try await numbers(broker.claimAll().map(\.envelope)) == [1, 2, 3])
        }
    }

    @Test("every daemon that waits is woken", arguments: BrokerKind.allCases)
    func everybody(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            var waits: [Task<Void, any Error>] = []
            for _ in 0..<4 { waits.append(wait(try await stand.daemon().broker).task) }
            try await stand.push([record(1)])
            for wait in waits { try await wait.value }
        }
    }

    @Test("a delayed job that comes forward ends it", arguments: BrokerKind.allCases)
    func promoted(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let wait = wait(broker)
            try await stand.schedule([(Array(record(1).utf8), 1)], in: .default)
            #expect(!wait.ended.value)
            _ = try await broker.promoteDue(in: .default)
            try await wait.task.value
        }
    }

    @Test("work in another queue does not", arguments: BrokerKind.allCases)
    func otherQueue(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let mail = try queue("mail")
            let broker = try await stand.daemon([.default, mail]).broker
            let waitsForMail = wait(broker, in: mail)
            try await stand.push([record(1)])
            try await broker.waitForWork(in: .default)
            #expect(!waitsForMail.ended.value)
            try await stand.push(records(2...2), to: mail)
            try await waitsForMail.task.value
        }
    }

    @Test("in a paused queue it lasts until the queue is resumed", arguments: BrokerKind.allCases)
    func resume(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([record(1)])
            try await broker.pause([.default])
            #expect(try await broker.claim(1, from: .default).rest == .paused)
            let wait = wait(broker)
            let other = try await stand.client()
            #expect(try await other.stats(of: .default).pending == 1)
            #expect(!wait.ended.value)
            try await other.resume([.default])
            try await wait.task.value
            #expect(try await broker.claim(1, from: .default).claims.count == 1)
        }
    }

    @Test("it goes on over a cut connection", arguments: BrokerKind.allCases)
    func cut(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let daemon = try await stand.daemon()
            let wait = wait(daemon.broker)
            daemon.cut()
            try await stand.push([record(1)])
            try await wait.task.value
        }
    }

    @Test(
        "it can be cancelled, also while the queue is paused, and begun anew",
        arguments: BrokerKind.allCases, [false, true])
    func cancel(kind: BrokerKind, isPaused: Bool) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            if isPaused {
                try await broker.pause([.default])
                _ = try await broker.claim(1, from: .default)
            }
            for _ in 0..<3 {
                let wait = wait(broker)
                try await broker.heartbeat()
                wait.task.cancel()
                await #expect(throws: CancellationError.self) { try await wait.task.value }
            }
            try await stand.push([record(1)])
            try await broker.resume([.default])
            try await broker.waitForWork(in: .default)
        }
    }

    // MARK: - Jobs that come along

    @Test(
        "as many may come along as are asked for; claims bring the rest",
        arguments: BrokerKind.allCases)
    func comeAlong(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...5))
            let reply = try await broker.waitForWork(in: .default, claiming: 2)
            #expect(reply.claims.count <= 2)
            #expect(reply.rest == .more)
            let claims = try await reply.claims + broker.claimAll()
            #expect(try numbers(claims.map(\.envelope)) == [1, 2, 3, 4, 5])
            let results = try await broker.finish(claims.map { $0.finish(.ack) })
            #expect(results == Array(repeating: .written, count: 5))
            #expect(try await stand.texts(.active).isEmpty)
        }
    }

    @Test("none comes along from a paused queue", arguments: BrokerKind.allCases)
    func pausedQueue(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([record(1)])
            try await stand.client().pause([.default])
            async let reply = broker.waitForWork(in: .default, claiming: 1)
            // It may end at once, or when the queue is resumed.
            try await broker.heartbeat()
            #expect(try await stand.texts(.pending).count == 1)
            try await stand.client().resume([.default])
            let claims = try await reply.claims + broker.claimAll()
            #expect(try numbers(claims.map(\.envelope)) == [1])
        }
    }

    @Test(
        "a wait that was cancelled has left nothing behind when the worker has signed off",
        arguments: BrokerKind.allCases)
    func cancelledAndRetired(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            for round in 1...5 {
                let daemon = try await stand.daemon()
                // The test awaits its value.
                let wait = Task {
                    try await daemon.broker.waitForWork(in: .default, claiming: 4)
                }
                try await daemon.broker.heartbeat()
                // A job comes at the same time.
                wait.cancel()
                try await stand.push([record(round)])
                let claims = (try? await wait.value)?.claims ?? []
                _ = try await daemon.broker.finish(claims.map { $0.finish(.release) })
                try await daemon.broker.retire()
                #expect(try await stand.texts(.pending).count == round)
                #expect(try await stand.texts(.active).isEmpty)
            }
        }
    }

    @Test("a queue that is not the worker's own is refused", arguments: BrokerKind.allCases)
    func foreignQueue(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            await #expect(throws: BrokerError.self) {
                try await broker.waitForWork(in: queue("mail"))
            }
        }
    }
}
