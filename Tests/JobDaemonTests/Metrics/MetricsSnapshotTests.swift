import JobQueue
import LinuxSystem
import Testing

@testable import JobDaemon

@Suite("What is looked up for each page of metrics")
struct MetricsSnapshotTests {
    private let metrics: Metrics
    private let names: [QueueName]
    private let now: Int64 = 1_700_000_000_000

    init() throws {
        names = [try #require(QueueName("critical")), .default]
        metrics = Metrics(types: [], queues: names, version: "1")
    }

    private func stats(
        _ name: String, pending: Int = 0, scheduled: Int = 0, active: Int = 0, dead: Int = 0,
        oldestAt: Int64? = nil
    ) throws -> QueueStats {
        var stats = QueueStats(queue: try #require(QueueName(name)))
        stats.pending = pending
        stats.scheduled = scheduled
        stats.active = active
        stats.dead = dead
        stats.oldestPendingAt = oldestAt
        return stats
    }

    private func page(_ queues: [QueueStats]) -> Samples {
        var snapshot = MetricsSnapshot()
        snapshot.add(BrokerStats(queues: queues), unixMilliseconds: now, of: names)
        return Samples(metrics.text(snapshot))
    }

    @Test(
        "each configured queue shows its jobs by state, also one that the broker does not know yet")
    func states() throws {
        let page = page([
            try stats("critical", pending: 1, scheduled: 2, active: 3, dead: 4)
        ])
        let expected = [("pending", "1"), ("scheduled", "2"), ("active", "3"), ("dead", "4")]
        for (state, count) in expected {
            #expect(page[#"jobqueue_jobs{queue="critical",state="\#(state)"}"#] == count)
            #expect(page[#"jobqueue_jobs{queue="default",state="\#(state)"}"#] == "0")
        }
    }

    @Test("queues that this daemon does not work on are shown together as other")
    func otherQueues() throws {
        let page = page([
            try stats("a", pending: 5, oldestAt: now - 1_000),
            try stats("b", pending: 7, dead: 1, oldestAt: now - 90_500),
        ])
        #expect(page[#"jobqueue_jobs{queue="other",state="pending"}"#] == "12")
        #expect(page[#"jobqueue_jobs{queue="other",state="dead"}"#] == "1")
        #expect(page[#"jobqueue_oldest_pending_seconds{queue="other"}"#] == "90.5")
        #expect(page[#"jobqueue_jobs{queue="a",state="pending"}"#] == nil)
    }

    @Test("the oldest pending job's age is 0 for an empty queue, and left out when nobody knows it")
    func oldest() throws {
        let page = page([
            try stats("critical", pending: 1), try stats("x", pending: 1, oldestAt: now + 5_000),
        ])
        #expect(page[#"jobqueue_oldest_pending_seconds{queue="critical"}"#] == nil)
        #expect(page[#"jobqueue_oldest_pending_seconds{queue="default"}"#] == "0")
        // Its producer's clock is ahead.
        #expect(page[#"jobqueue_oldest_pending_seconds{queue="other"}"#] == "0")
    }

    @Test("absurd numbers from the broker are shown without a trap", arguments: [Int64.min, .max])
    func absurd(enqueuedAt: Int64) throws {
        let page = page([
            try stats("critical", pending: .max, dead: -1, oldestAt: enqueuedAt),
            try stats("x", pending: .max), try stats("y", pending: .max),
            try stats("z", pending: .max),
        ])
        #expect(page[#"jobqueue_jobs{queue="critical",state="dead"}"#] == "0")
    }

    @Test(
        "when the broker does not tell, the daemon's own metrics are there and the queues' are not")
    func brokerDown() {
        var snapshot = MetricsSnapshot()
        snapshot.isBrokerUp = false
        snapshot.slots = 10
        snapshot.slotsBusy = 3
        snapshot.reconnects = 2
        snapshot.droppedLogLines = 5
        let page = Samples(metrics.text(snapshot))
        #expect(page["jobqueue_broker_up"] == "0")
        #expect(page["jobqueue_slots"] == "10")
        #expect(page["jobqueue_slots_busy"] == "3")
        #expect(page["jobqueue_broker_reconnects_total"] == "2")
        #expect(page["jobqueue_log_lines_dropped_total"] == "5")
        #expect(!page.keys.contains { $0.hasPrefix("jobqueue_jobs{") })
        #expect(!page.keys.contains { $0.hasPrefix("jobqueue_oldest_pending") })
    }

    @Test("the process is shown as every Prometheus client shows it")
    func process() {
        var snapshot = MetricsSnapshot()
        snapshot.process = ProcessStatistics(
            processorTime: .milliseconds(12_340), residentBytes: 1 << 20, virtualBytes: 1 << 40,
            openDescriptors: 12, maximumDescriptors: nil,
            startTime: .milliseconds(1_700_000_000_010))
        let page = Samples(metrics.text(snapshot))
        #expect(page["process_cpu_seconds_total"] == "12.34")
        #expect(page["process_resident_memory_bytes"] == "1048576")
        #expect(page["process_virtual_memory_bytes"] == "1099511627776")
        #expect(page["process_open_fds"] == "12")
        #expect(page["process_max_fds"] == "+Inf")
        #expect(page["process_start_time_seconds"] == "1700000000.01")
        snapshot.process = nil
        #expect(!Samples(metrics.text(snapshot)).keys.contains { $0.hasPrefix("process_") })
    }
}
