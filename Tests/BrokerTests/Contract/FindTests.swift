import JobQueue
import TestSupport
import Testing

@Suite("Looking for jobs")
struct FindTests {
    @Test("a job is found in whichever state it is", arguments: BrokerKind.allCases)
    func states(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push([
                record(1, #""id":"dead""#), record(2, #""id":"active""#),
                record(3, #""id":"scheduled""#),
                record(4, #""id":"pending""#), record(5, #""id":"other","note":"pending dead""#),
            ])
            let claims = try await broker.claim(3, from: .default).claims
            _ = try await broker.finish([
                claims[0].finish(.deadLetter), claims[2].finish(.retry),
            ])
            for state in JobState.allCases {
                let found = try await broker.find(id(state.rawValue))
                #expect(found.map(\.state) == [state])
                #expect(found.map(\.queue) == [.default])
                #expect(try read(#require(found.first).envelope).id?.description == state.rawValue)
                #expect((found.first?.time != nil) == (state == .scheduled || state == .dead))
            }
            let active = try await broker.find(id("active"))
            #expect(active.map(\.worker) == [claims[1].token.worker.description])
            #expect(active.map(\.token) == [claims[1].token.number])
            #expect(try await broker.find(id("nobody")).isEmpty)
        }
    }

    @Test(
        "a job that got no id yet is found under that of its claim", arguments: BrokerKind.allCases)
    func firstClaimID(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(records(1...3))
            let claims = try await broker.claimAll()
            let found = try await broker.find(claims[1].jobID)
            #expect(found.map(\.envelope) == [claims[1].envelope])
            #expect(found.map(\.state) == [.active])
        }
    }

    @Test("it is found among very many, and in every queue", arguments: BrokerKind.allCases)
    func many(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let producer = try await stand.client()
            let mail = try queue("mail")
            _ = try await producer.enqueue(
                (1...1100).map { try job($0) } + [job(7) { $0.id = try id("x") }]
                    + [
                        job(8) {
                            $0.id = try id("x")
                            $0.queue = mail
                        }
                    ])
            let found = try await producer.find(id("x"))
            #expect(found.map(\.queue.description).sorted() == ["default", "mail"])
            #expect(try numbers(found.map(\.envelope)).sorted() == [7, 8])
        }
    }

    @Test(
        "dead jobs are listed the newest first, over all queues, as many as asked for",
        arguments: BrokerKind.allCases)
    func dead(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let mail = try queue("mail")
            let broker = try await stand.daemon([.default, mail]).broker
            try await stand.push(records(1...4))
            try await stand.push(records(5...6), to: mail)
            for number in 1...6 {
                let claim = try await broker.claimOne(from: number > 4 ? mail : .default)
                _ = try await broker.finish([claim.finish(.deadLetter)])
                // It has died by now; the next one dies in a later millisecond.
                let time = try await stand.now()
                await eventually { try await stand.now() > time }
            }
            func list(_ queue: QueueName?, _ limit: Int) async throws -> [Int] {
                try await numbers(broker.dead(in: queue, limit: limit).map(\.envelope))
            }
            #expect(try await list(nil, 100) == [6, 5, 4, 3, 2, 1])
            #expect(try await list(nil, 3) == [6, 5, 4])
            #expect(try await list(.default, 3) == [4, 3, 2])
            #expect(try await list(mail, 100) == [6, 5])
            #expect(try await list(nil, 0) == [])
            let records = try await broker.dead(in: mail, limit: 1)
            #expect(records.map(\.state) == [.dead])
            #expect(records.map(\.queue) == [mail])
        }
    }
}
