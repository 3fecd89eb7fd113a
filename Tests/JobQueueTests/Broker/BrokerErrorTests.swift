import JobQueue
import Testing

@Suite("What a broker could not do")
struct BrokerErrorTests {
    @Test(
        "each failure says what failed, why, and what to look at",
        arguments: [
            (
                BrokerError.unreachable(address: "localhost:6379", reason: "connection refused"),
                ["cannot reach", "localhost:6379", "connection refused"]
            ),
            (
                .outcomeUnknown(reason: "reset by peer"),
                ["connection was lost", "reset by peer", "may or may not", "id of its own"]
            ),
            (
                .leaseLost(worker: "0123", queue: "default"),
                ["worker 0123", "queue default", "lease", "silent"]
            ),
            (.refused(reason: "OOM"), ["refused", "OOM"]),
            (.invalid(reason: "the payload is too large"), ["the payload is too large"]),
        ])
    func text(error: BrokerError, parts: [String]) {
        for part in parts { #expect(error.description.contains(part), "\(error)") }
    }

    @Test("the id of an enqueued job is that of the job that is in the queue now")
    func enqueued() {
        #expect(EnqueueResult.enqueued(Sample.id("a")).id == Sample.id("a"))
        #expect(EnqueueResult.duplicate(holder: Sample.id("b")).id == Sample.id("b"))
    }
}
