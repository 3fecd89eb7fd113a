import JobQueue
import TestSupport
import Testing

@Suite("Deleting jobs")
struct DeleteTests {
    @Test(
        "a job that does not run is dropped; one that runs is left alone",
        arguments: BrokerKind.allCases)
    func byID(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(
                ["dead", "active", "scheduled", "pending", "other"].map {
                    record(1, "\"id\":\"\($0)\"")
                })
            let claims = try await broker.claim(3, from: .default).claims
            _ = try await broker.finish([
                claims[0].finish(.deadLetter), claims[2].finish(.retry),
            ])
            let result = try await broker.delete(
                .ids(["dead", "active", "scheduled", "pending", "nobody"].map { try id($0) }))
            #expect(result.changed == ["dead", "scheduled", "pending"])
            #expect(result.refused.map(\.id) == ["active"])
            #expect(result.refused.first?.reason.contains("active") == true)
            let stats = try await broker.stats(of: .default)
            #expect(stats.dead + stats.scheduled == 0)
            #expect(stats.pending == 1)
            #expect(stats.active == 1)
            #expect(try await broker.finish([claims[1].finish(.ack)]) == [true])
        }
    }

    @Test(
        "of two equal records in pending one is dropped for each that is found",
        arguments: BrokerKind.allCases)
    func equalRecords(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let client = try await stand.daemon().broker
            let twin = record(1, #""id":"twin""#)
            try await stand.push([twin, record(2), twin])
            #expect(try await client.delete(.ids([id("twin")])).changed == ["twin", "twin"])
            #expect(try await numbers(stand.records(.pending, in: .default)) == [2])
        }
    }

    @Test("all means all dead ones, of one type if it is named", arguments: BrokerKind.allCases)
    func all(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(
                (1...1200).map { record($0, type: $0.isMultiple(of: 3) ? "third" : "test") })
            _ = try await broker.finish(broker.claimAll().map { $0.finish(.deadLetter) })
            _ = try await broker.enqueue([
                job(type: "third"),
                job(type: "third") { $0.start = .after(.seconds(60)) },
            ])
            #expect(try await broker.delete(.all(type: JobType("third"))).changed.count == 400)
            #expect(try await broker.stats(of: .default).dead == 800)
            #expect(try await broker.delete(.all(type: nil)).changed.count == 800)
            let stats = try await broker.stats(of: .default)
            #expect(stats.dead == 0)
            #expect(stats.pending == 1)
            #expect(stats.scheduled == 1)
        }
    }

    @Test(
        "a deleted job can be enqueued again under its id, wherever it lay; one that is done cannot",
        arguments: BrokerKind.allCases)
    func again(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let names = ["dead", "scheduled", "pending", "done"]
            func orders(_ names: [String]) throws -> [NewJob] {
                try names.map { name in try job(1) { $0.id = try id(name) } }
            }
            _ = try await broker.enqueue(orders(["dead", "scheduled", "done", "pending"]))
            let claims = try await broker.claim(3, from: .default).claims
            _ = try await broker.finish([
                claims[0].finish(.deadLetter), claims[1].finish(.retry), claims[2].finish(.ack),
            ])
            _ = try await broker.delete(.ids(names.map { try id($0) }))
            #expect(
                try await broker.enqueue(orders(names)) == [
                    .enqueued(id("dead")), .enqueued(id("scheduled")), .enqueued(id("pending")),
                    .known(id("done")),
                ])
            #expect(try await broker.stats(of: .default).pending == 3)
        }
    }
}
