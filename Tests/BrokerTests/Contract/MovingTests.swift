import JobQueue
import TestSupport
import Testing

@Suite("Moving jobs to another broker")
struct MovingTests {
    /// All that an export gives, page by page.
    private func exported(
        _ broker: any OperatorBroker, bytes: Int = 1 << 20
    ) async throws -> (records: [JobRecord], pages: Int) {
        var records: [JobRecord] = []
        var pages = 0
        var position: ExportPosition?
        repeat {
            let page = try await broker.exportJobs(behind: position, bytes: bytes)
            records += page.records
            pages += 1
            // As a client has it.
            position = try page.next.map { try #require(ExportPosition($0.description)) }
        } while position != nil
        return (records, pages)
    }

    private func imported(_ records: [JobRecord]) throws -> [ImportedJob] {
        try records.enumerated().map { number, record in
            ImportedJob(record, otherwise: try id("given-\(number)"))
        }
    }

    @Test(
        "what waits, is scheduled or dead arrives in every broker as it was, and in its order",
        arguments: BrokerKind.allCases, BrokerKind.allCases)
    func everything(from: BrokerKind, to: BrokerKind) async throws {
        try await withBroker(from) { source in
            let mail = try queue("mail")
            let broker = try await source.daemon([.default, mail]).broker
            try await source.push([
                record(1, #""id":"dead""#), record(2, #""id":"active""#),
                record(3, #""id":"retried","attempts":2"#), record(4),
                record(5, #""id":"five", "note":"ä\u00e4 \\" "#), "no job", record(7),
            ])
            try await source.push([record(8, #""id":"dead""#)], to: mail)
            try await source.schedule(
                [(Array(record(9, #""id":"later""#).utf8), 4_000_000_000_123)], in: mail)
            let claims = try await broker.claim(3, from: .default).claims
            _ = try await broker.finish([claims[0].finish(.deadLetter), claims[2].finish(.retry)])

            let records = try await exported(broker).records
            #expect(records.count == 8)
            #expect(!records.contains { $0.state == .active })
            try await withBroker(to) { target in
                let other = try await target.client()
                let results = try await other.importJobs(imported(records))
                #expect(results == Array(repeating: .added, count: 8))
                for queue in [QueueName.default, mail] {
                    for state in [JobState.pending, .scheduled, .dead] {
                        let expected = try await source.records(state, in: queue)
                        #expect(try await target.records(state, in: queue) == expected)
                    }
                }
                func times(_ records: [JobRecord]) -> [String: Int64?] {
                    Dictionary(
                        uniqueKeysWithValues: records.filter { $0.state != .pending }.map {
                            ("\($0.queue) \($0.state) \($0.id?.description ?? "")", $0.time)
                        })
                }
                #expect(try await times(exported(other).records) == times(records))
                let counts = try await other.stats(of: .default)
                #expect((counts.pending, counts.scheduled, counts.dead) == (4, 1, 1))
                #expect(counts.totals == .init())
            }
        }
    }

    @Test(
        "imported again, nothing is doubled, also when it has run", arguments: BrokerKind.allCases)
    func again(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let records = (0...2).map { number in
                JobRecord(
                    queue: .default, state: number == 2 ? .scheduled : .pending,
                    envelope: Array(record(number).utf8),
                    time: number == 2 ? 4_000_000_000_000 : nil)
            }
            let jobs = try imported(records)
            #expect(try await broker.importJobs(Array(jobs[..<2])) == [.added, .added])
            _ = try await broker.finish([broker.claimOne().finish(.ack)])
            #expect(try await broker.importJobs(jobs) == [.known, .known, .added])
            #expect(try await stand.texts(.pending) == [record(1)])
            #expect(try await stand.texts(.scheduled) == [record(2)])
        }
    }

    @Test("equal jobs without ids stay as many as they were", arguments: BrokerKind.allCases)
    func equal(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.client()
            let same = JobRecord(
                queue: .default, state: .scheduled, envelope: Array(record(1).utf8),
                time: 4_000_000_000_000)
            _ = try await broker.importJobs(imported([same, same, same]))
            #expect(try await broker.stats(of: .default).scheduled == 3)
        }
    }

    @Test(
        "a job takes its unique key along, and is refused while another holds it",
        arguments: BrokerKind.allCases)
    func unique(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.client()
            let records = ["one", "two"].map { name in
                JobRecord(
                    queue: .default, state: .pending,
                    envelope: Array(record(1, #""id":"\#(name)","unique_key":"k""#).utf8))
            }
            #expect(
                try await broker.importJobs(imported(records))
                    == [.added, .refused(reason: "job one holds its unique key now")])
            #expect(try await stand.holder(of: "k") == "one")
            #expect(
                try await broker.enqueue([job { $0.uniqueKey = "k" }]) == [
                    .duplicate(holder: id("one"))
                ])
        }
    }

    @Test("who waits for work is woken by an import", arguments: BrokerKind.allCases)
    func wakes(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            async let woken: Void = broker.waitForWork(in: .default)
            let waiting = JobRecord(
                queue: .default, state: .pending, envelope: Array(record(1).utf8))
            _ = try await broker.importJobs(imported([waiting]))
            try await woken
        }
    }

    @Test(
        "a page has no more than it may, or a single job that is larger",
        arguments: BrokerKind.allCases)
    func pages(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.push(
                records(1...1200) + [
                    largeRecord(1201, kilobytes: 40), largeRecord(1202, kilobytes: 1),
                ])
            let (found, pages) = try await exported(broker, bytes: 20_000)
            #expect(try numbers(found.map(\.envelope)) == Array(1...1202))
            #expect(pages > 4)
            var position: ExportPosition?
            repeat {
                let page = try await broker.exportJobs(behind: position, bytes: 20_000)
                let size = page.records.reduce(0) { $0 + $1.envelope.count }
                #expect(size <= 20_000 || page.records.count == 1)
                position = page.next
            } while position != nil
        }
    }
}
