import JobQueue
import TestSupport
import Testing

@Suite("Enqueuing")
struct EnqueueTests {
    @Test(
        "what was answered is in the queue, with all that was asked for",
        arguments: BrokerKind.allCases)
    func everything(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let producer = try await stand.client()
            var asked = try job(type: "email:welcome")
            asked.payload = Payload(Array(#"{"to" : "ä\u0000","n":1e2 }"#.utf8))
            asked.maxAttempts = 7
            asked.timeout = .milliseconds(1500)
            asked.headers = ["traceparent": "00-1"]
            let results = try await producer.enqueue([asked])
            let record = try #require(try await stand.records(.pending, in: .default).first)
            let envelope = try read(record)
            #expect(results == [.enqueued(try #require(envelope.id))])
            #expect(envelope.type == asked.type)
            #expect(Array(envelope.payload.bytes) == Array(asked.payload.bytes))
            #expect(envelope.maxAttempts == 7)
            #expect(envelope.timeout == .milliseconds(1500))
            #expect(envelope.headers == ["traceparent": "00-1"])
            #expect(envelope.attempts == 0)
            let now = try await stand.now()
            #expect(abs(try #require(envelope.enqueuedAt) - now) < 60_000)
        }
    }

    @Test("jobs without an id of their own get different ones", arguments: BrokerKind.allCases)
    func newIDs(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let results = try await stand.client().enqueue((1...50).map { try job($0) })
            #expect(Set(results.map(\.id)).count == 50)
        }
    }

    @Test("many jobs for several queues keep their order in each", arguments: BrokerKind.allCases)
    func many(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let producer = try await stand.client()
            let mail = try queue("mail")
            let jobs = try (1...1500).map { number in
                try job(number) {
                    if number.isMultiple(of: 3) { $0.queue = mail }
                    if number.isMultiple(of: 100) { $0.id = JobID("own-\(number)") }
                }
            }
            let results = try await producer.enqueue(jobs)
            #expect(results.count == 1500)
            let all = try await stand.records(.pending, in: .default)
            #expect(try numbers(all) == (1...1500).filter { !$0.isMultiple(of: 3) })
            let mails = try await stand.records(.pending, in: mail)
            #expect(try numbers(mails) == (1...1500).filter { $0.isMultiple(of: 3) })
            for (number, result) in zip(1..., results) where number.isMultiple(of: 100) {
                #expect(result == .enqueued(try id("own-\(number)")))
            }
        }
    }

    @Test(
        "callers at the same time each get the ids of their own jobs, which are there once and in order",
        arguments: BrokerKind.allCases)
    func callersAtTheSameTime(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let producer = try await stand.client()
            let mail = try queue("mail")
            let answered = try await withThrowingTaskGroup(of: [String: Int].self) { callers in
                for caller in 0..<200 {
                    callers.addTask {
                        var numbers: [String: Int] = [:]
                        for call in 0..<5 {
                            let jobs = try (0...call % 2).map { place in
                                try job(caller * 100 + call * 10 + place) {
                                    if caller.isMultiple(of: 3) { $0.queue = mail }
                                }
                            }
                            let results = try await producer.enqueue(jobs)
                            for (place, result) in results.enumerated() {
                                numbers[result.id.description] = caller * 100 + call * 10 + place
                            }
                        }
                        return numbers
                    }
                }
                return try await callers.reduce(into: [:]) { all, numbers in
                    all.merge(numbers) { first, _ in first }
                }
            }
            #expect(answered.count == 200 * 7)
            var stored = 0
            for queue in [QueueName.default, mail] {
                let records = try await stand.records(.pending, in: queue)
                stored += records.count
                var latest: [Int: Int] = [:]
                for (record, number) in zip(records, try numbers(records)) {
                    #expect(answered[try #require(try read(record).id).description] == number)
                    #expect(latest[number / 100, default: -1] < number)
                    latest[number / 100] = number
                }
            }
            #expect(stored == 200 * 7)
        }
    }

    @Test("no jobs are no work", arguments: BrokerKind.allCases)
    func none(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let results = try await stand.client().enqueue([])
            #expect(results == [])
        }
    }

    @Test(
        "an id that was enqueued before adds nothing, which is told",
        arguments: BrokerKind.allCases)
    func knownID(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let own = try job(1) { $0.id = try id("own") }
            let known: [EnqueueResult] = [.known(try id("own"))]
            #expect(try await broker.remembers(id("own"), in: .default) == false)
            #expect(try await broker.enqueue([own]) == [.enqueued(id("own"))])
            #expect(try await broker.remembers(id("own"), in: .default))
            #expect(try await broker.enqueue([own]) == known)
            #expect(try await broker.enqueue([own, own]) == known + known)
            #expect(try await stand.records(.pending, in: .default).count == 1)

            // Not even when it has ended.
            let claim = try await broker.claimOne()
            #expect(try await broker.enqueue([own]) == known)
            _ = try await broker.finish([claim.finish(.ack)])
            #expect(try await broker.enqueue([own]) == known)
            let delayed = try job(1) {
                $0.id = try id("own")
                $0.start = .after(.seconds(60))
            }
            #expect(try await broker.enqueue([delayed]) == known)
            #expect(try await stand.records(.pending, in: .default).isEmpty)
            #expect(try await stand.records(.scheduled, in: .default).isEmpty)
        }
    }

    @Test(
        "an id is remembered for as long as its producer says, up to five years",
        arguments: BrokerKind.allCases)
    func remember(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.client()
            func own(_ name: String, _ lifetime: Duration) throws -> NewJob {
                try job(1) {
                    $0.id = try id(name)
                    $0.remember = lifetime
                }
            }
            _ = try await broker.enqueue([
                own("short", .milliseconds(1)), own("long", .seconds(1826 * 86_400)),
            ])
            await eventually("the short one is forgotten") {
                try await !broker.remembers(id("short"), in: .default)
            }
            #expect(
                try await broker.enqueue([own("short", .seconds(60))]) == [.enqueued(id("short"))])
            #expect(try await broker.enqueue([own("long", .seconds(60))]) == [.known(id("long"))])
            for bad in [Duration.zero, .seconds(-1), .seconds(1827 * 86_400)] {
                await #expect(throws: BrokerError.self) {
                    _ = try await broker.enqueue([own("bad", bad)])
                }
            }
        }
    }

    @Test(
        "what is kept of an earlier end is dropped when the id is enqueued anew, and when it is requeued",
        arguments: BrokerKind.allCases)
    func earlierEnd(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            func end(_ claim: Claim, _ kind: OutcomeKind) async throws {
                _ = try await broker.finish([
                    Finish(
                        token: claim.token, outcome: kind.outcome(claim.envelope),
                        receipt: KeptReceipt(
                            id: try claim.jobID, record: [1], lifetime: .seconds(600)))
                ])
            }
            func isKept() async throws -> Bool {
                try await broker.receipt(of: id("a"), in: .default) != nil
            }
            let own = try job(1) { $0.id = try id("a") }
            _ = try await broker.enqueue([own])
            try await end(broker.claimOne(), .ack)
            #expect(try await isKept())
            #expect(try await broker.enqueue([own]) == [.known(id("a"))])
            #expect(try await isKept())
            try await stand.push([record(2, #""id":"a""#)])
            _ = try await broker.delete(.ids([id("a")]))
            #expect(try await broker.enqueue([own]) == [.enqueued(id("a"))])
            #expect(try await !isKept())
            try await end(broker.claimOne(), .deadLetter)
            #expect(try await isKept())
            #expect(try await broker.requeue(.ids([id("a")])).changed == ["a"])
            #expect(try await !isKept())
        }
    }

    @Test("the same id in another queue is another job", arguments: BrokerKind.allCases)
    func sameIDElsewhere(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let producer = try await stand.client()
            let mail = try queue("mail")
            let own = try job(1) { $0.id = try id("own") }
            var other = own
            other.queue = mail
            _ = try await producer.enqueue([own, other])
            #expect(try await stand.records(.pending, in: .default).count == 1)
            #expect(try await stand.records(.pending, in: mail).count == 1)
        }
    }

    @Test("when one job is not acceptable, none is taken in", arguments: BrokerKind.allCases)
    func invalid(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let producer = try await stand.client()
            let bad: [(inout NewJob) -> Void] = [
                { $0.payload = Payload(Array("{".utf8)) },
                {
                    $0.payload = Payload(
                        Array("\"\(String(repeating: "x", count: 1 << 20))\"".utf8))
                },
                { $0.maxAttempts = 0 },
                { $0.timeout = .zero },
                { $0.uniqueKey = "" },
                { $0.start = .after(.seconds(-1)) },
                { $0.start = .at(unixMilliseconds: .max) },
                { $0.start = .at(unixMilliseconds: -1) },
            ]
            for change in bad {
                let jobs = try [job(1), job(2, change), job(3) { $0.id = try id("own") }]
                do {
                    _ = try await producer.enqueue(jobs)
                    Issue.record("it was taken in")
                } catch {
                    guard case BrokerError.invalid = error else { throw error }
                }
            }
            #expect(try await stand.records(.pending, in: .default).isEmpty)
            #expect(try await stand.records(.scheduled, in: .default).isEmpty)
        }
    }

    @Test("a job may be as large as the limit", arguments: BrokerKind.allCases)
    func largest(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            var large = try job()
            large.payload = Payload(
                Array("\"\(String(repeating: "x", count: (1 << 20) - 2))\"".utf8))
            _ = try await broker.enqueue([large])
            let claim = try await broker.claimOne()
            #expect(try read(claim.envelope).payload.bytes.count == 1 << 20)
        }
    }
}
