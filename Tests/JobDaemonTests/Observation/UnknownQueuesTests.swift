import JobQueue
import TestSupport
import Testing

@testable import JobDaemon

@Suite("Jobs that were pushed where no daemon looks")
struct UnknownQueuesTests {
    private struct SourceDouble: UnknownQueues.Source {
        let pages: Watched<[[String]]>
        let failure: BrokerError?

        func knownQueues() async throws -> [QueueName] {
            if let failure { throw failure }
            return [.default]
        }

        func unknownLists(
            from cursor: String, known queues: Set<QueueName>
        ) async throws -> (names: [String], next: String) {
            #expect(queues == [.default])
            return pages.update { pages in
                let names = pages.isEmpty ? [] : pages.removeFirst()
                return (names, pages.isEmpty ? "0" : "17")
            }
        }
    }

    private let clock = SteppedClock()
    private let log = LogCapture()

    private func look(_ pages: [[String]], failure: BrokerError? = nil, minutes: Int) async throws {
        let source = SourceDouble(pages: Watched(pages), failure: failure)
        let unknown = UnknownQueues(source: source, namespace: "jq", clock: clock, log: log)
        try await withThrowingTaskGroup { group in
            group.addTask { await unknown.run() }
            for _ in 0..<minutes {
                try await clock.awaitSleeper(atMost: .seconds(60))
                clock.advance(by: .seconds(60))
            }
            // What is refused is the end of it.
            guard failure == nil else { return }
            try await clock.awaitSleeper(atMost: .seconds(60))
            group.cancelAll()
        }
    }

    @Test("are told once, a misspelt queue as that and a name without braces as that")
    func told() async throws {
        try await look(
            [["jq:{emails}:pending"], ["jq:default:pending"], ["jq:{emails}:pending"]], minutes: 2)
        #expect(log.records.value.map(\.level) == [.warning, .warning])
        #expect(log.messages[0].hasPrefix("jobs lie in jq:{emails}:pending, the list of a queue"))
        #expect(log.messages[1].contains("as in jq:{default}:pending"))
    }

    @Test("fill no log, however many names there are")
    func many() async throws {
        try await look([(0..<1000).map { "jq:{q\($0)}:pending" }], minutes: 1)
        #expect(log.messages.count == 100)
    }

    @Test("are not looked for when the user of Redis may not, which is no warning")
    func refused() async throws {
        try await look([], failure: .refused(reason: "NOPERM scan"), minutes: 1)
        #expect(log.records.value.map(\.level) == [.info])
    }
}
