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

    /// As the lines of one export have them.
    private func imported(_ records: [JobRecord]) -> [ImportedJob] {
        var copies: [String: Int] = [:]
        return records.map { record in
            copies[record.line, default: 0] += 1
            return ImportedJob(record, copy: "\(copies[record.line] ?? 0)")
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
            let jobs = imported(records)
            #expect(try await broker.importJobs(Array(jobs[..<2])) == [.added, .added])
            _ = try await broker.finish([broker.claimOne().finish(.ack)])
            #expect(try await broker.importJobs(jobs) == [.known, .known, .added])
            #expect(try await stand.texts(.pending) == [record(1)])
            #expect(try await stand.texts(.scheduled) == [record(2)])
        }
    }

    @Test(
        "equal jobs stay as many as they were, with ids and without, and come but once",
        arguments: BrokerKind.allCases, [JobState.pending, .scheduled, .dead])
    func equal(kind: BrokerKind, state: JobState) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.client()
            let records = ["", #""id":"daily""#].flatMap { more in
                Array(
                    repeating: JobRecord(
                        queue: .default, state: state, envelope: Array(record(1, more).utf8),
                        time: state == .pending ? nil : 4_000_000_000_000), count: 5)
            }
            let lines = imported(records)
            // In whatever order they come, and whatever was cut short.
            #expect(
                try await broker.importJobs(lines.reversed().suffix(7))
                    == Array(repeating: .added, count: 7))
            #expect(
                try await broker.importJobs(lines)
                    == lines.indices.map { $0 < 7 ? .known : .added })
            #expect(try await numbers(stand.records(state, in: .default)).count == 10)
        }
    }

    @Test(
        "jobs with one id and different records all come, and the id is remembered for producers",
        arguments: BrokerKind.allCases)
    func sameID(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.client()
            let lines = imported([
                JobRecord(
                    queue: .default, state: .dead, envelope: Array(record(1, #""id":"a""#).utf8),
                    time: 1),
                JobRecord(
                    queue: .default, state: .pending, envelope: Array(record(2, #""id":"a""#).utf8)),
            ])
            #expect(try await broker.importJobs(lines) == [.added, .added])
            #expect(try await broker.importJobs(lines) == [.known, .known])
            #expect(try await stand.texts(.dead) == [record(1, #""id":"a""#)])
            #expect(try await stand.texts(.pending) == [record(2, #""id":"a""#)])
            #expect(try await broker.enqueue([job { $0.id = try id("a") }]) == [.known(id("a"))])
        }
    }

    @Test(
        "a line whose job was deleted can be imported again; another one of the same job always can",
        arguments: BrokerKind.allCases)
    func deleted(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.client()
            func line(_ time: Int64) -> [ImportedJob] {
                imported([
                    JobRecord(
                        queue: .default, state: .scheduled,
                        envelope: Array(record(1, #""id":"a""#).utf8), time: time)
                ])
            }
            for time in [4_000_000_000_000, 4_000_000_000_000, 4_000_000_000_001] as [Int64] {
                #expect(try await broker.importJobs(line(time)) == [.added])
                #expect(try await broker.importJobs(line(time)) == [.known])
                #expect(try await broker.delete(.ids([id("a")])).changed == ["a"])
            }
        }
    }

    @Test(
        "while a paused queue is exported nothing in it becomes due, so nothing is met twice",
        arguments: BrokerKind.allCases)
    func dueMeanwhile(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            try await stand.schedule(
                (1...3).map { (Array(record($0).utf8), Double(1000 + $0)) }, in: .default)
            try await broker.pause([.default])
            var records: [JobRecord] = []
            var position: ExportPosition?
            repeat {
                let page = try await broker.exportJobs(behind: position, bytes: 1)
                records += page.records
                position = page.next
                #expect(try await broker.promoteDue(in: .default).moved == 0)
            } while position != nil
            #expect(try numbers(records.map(\.envelope)).sorted() == [1, 2, 3])
            // They are due all the same when the queue goes on.
            try await broker.resume([.default])
            #expect(try await broker.promoteDue(in: .default).moved == 3)
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
