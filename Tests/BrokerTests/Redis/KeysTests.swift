import JobQueue
import Testing

@testable import RedisBroker

@Suite("The names of keys")
struct KeysTests {
    @Test("are the same for a queue that is worked on and for any other")
    func known() throws {
        let queue = try #require(QueueName("mail"))
        let names = [Keys(namespace: "jq", queues: [queue, queue]), Keys(namespace: "jq")].map {
            let keys = $0.of(queue)
            return [
                keys.pending, keys.scheduled, keys.dead, keys.paused, keys.totals, keys.workers,
                keys.active("w"), keys.unique("u"), keys.receipt("i"), keys.enqueued("i"),
            ]
        }
        #expect(
            names[0]
                == ["pending", "scheduled", "dead", "paused", "totals", "workers"].map {
                    "jq:{mail}:\($0)"
                } + ["active:w", "unique:u", "ended:i", "enqueued:i"].map { "jq:{mail}:\($0)" })
        #expect(names[1] == names[0])
    }
}
