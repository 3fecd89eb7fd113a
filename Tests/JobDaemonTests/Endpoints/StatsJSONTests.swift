import JobQueue
import Testing

@testable import JobDaemon

@Suite("The text of /stats")
struct StatsJSONTests {
    private func text(_ queues: QueueStats..., now: Int64 = 0) -> String {
        StatsJSON.text(of: BrokerStats(queues: queues), unixMilliseconds: now)
    }

    @Test("without queues all is zero")
    func empty() {
        #expect(
            text() == #"{"pending":0,"scheduled":0,"active":0,"dead":0,"queues":{}}"# + "\n")
    }

    @Test("has the sums over all queues, and the same for each")
    func sums() {
        var mail = Sample.stats("mail", pending: 3, scheduled: 1, active: 2, dead: 4)
        mail.oldestPendingAt = 5_000
        var low = Sample.stats("low.1_a-b", pending: 10, dead: 1)
        low.isPaused = true
        #expect(
            text(mail, low, now: 7_500)
                == #"{"pending":13,"scheduled":1,"active":2,"dead":5,"queues":{"mail":"#
                + #"{"pending":3,"scheduled":1,"active":2,"dead":4,"paused":false,"#
                + #""oldest_pending_ms":2500},"low.1_a-b":"#
                + #"{"pending":10,"scheduled":0,"active":0,"dead":1,"paused":true,"#
                + #""oldest_pending_ms":null}}}"# + "\n")
    }

    @Test(
        "an age is told only where it makes sense",
        arguments: [
            (5_000, 7_500, "2500"), (7_500, 5_000, "0"), (Int64.min, Int64.max, "null"),
            (Int64.min, -1, "\(Int64.max)"), (0, Int64.max, "\(Int64.max)"),
        ] as [(Int64, Int64, String)])
    func age(since: Int64, now: Int64, age: String) {
        var queue = Sample.stats("q", pending: 1)
        queue.oldestPendingAt = since
        #expect(text(queue, now: now).contains(#""oldest_pending_ms":\#(age)}"#))
    }
}
