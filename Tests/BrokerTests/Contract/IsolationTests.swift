import EventLoop
import JobQueue
import TestSupport
import Testing

@Suite("Queues and namespaces keep to themselves")
struct IsolationTests {
    @Test("queues whose names look alike do not meet", arguments: BrokerKind.allCases)
    func queues(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let names = try ["a", "a.b", "a-b", "a_b", "ab", "a.b.pending", "0"].map {
                try queue($0)
            }
            let broker = try await stand.daemon(names).broker
            for (number, name) in zip(1..., names) {
                _ = try await broker.enqueue([
                    job(number) {
                        $0.queue = name
                        $0.id = try id("same")
                        $0.uniqueKey = "same"
                    }
                ])
            }
            for (number, name) in zip(1..., names) {
                let claims = try await broker.claimAll(from: name)
                #expect(try numbers(claims.map(\.envelope)) == [number])
                #expect(claims.map(\.token.queue) == [name])
            }
        }
    }

    @Test(
        "unique keys may contain anything without meeting other keys",
        arguments: BrokerKind.allCases)
    func uniqueKeys(kind: BrokerKind) async throws {
        try await withBroker(kind) { stand in
            let broker = try await stand.daemon().broker
            let odd = ["pending", ":pending", "}:{", "a:b", "ä", "a b", "{default}:dead", "*"]
            let results = try await broker.enqueue(
                zip(1..., odd).map { number, key in try job(number) { $0.uniqueKey = key } })
            #expect(results.allSatisfy { if case .enqueued = $0 { true } else { false } })
            #expect(try await broker.claimAll().count == odd.count)
            for (key, result) in zip(odd, results) {
                #expect(try await stand.holder(of: key) == result.id.description)
            }
        }
    }

    @Test("nothing of one namespace is seen in another", arguments: BrokerKind.allCases)
    func namespaces(kind: BrokerKind) async throws {
        try await withBroker(kind) { one in
            try await withBroker(kind) { other in
                let broker = try await one.daemon().broker
                let stranger = try await other.daemon().broker
                _ = try await broker.enqueue([job(1) { $0.id = try id("x") }])
                try await broker.pause([.default])
                #expect(try await stranger.claim(1, from: .default).rest == .empty)
                #expect(try await stranger.find(id("x")).isEmpty)
                #expect(try await stranger.workers().count == 1)
                #expect(try await stranger.stats(of: .default).pending == 0)
                #expect(
                    try await stranger.enqueue([job(1) { $0.id = try id("x") }])
                        == [.enqueued(try id("x"))])
                #expect(try await stranger.claim(1, from: .default).claims.count == 1)
            }
        }
    }
}
