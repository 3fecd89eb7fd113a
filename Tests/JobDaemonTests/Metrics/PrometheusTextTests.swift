import JobQueue
import TestSupport
import Testing

@testable import JobDaemon

@Suite("Prometheus' text format")
struct PrometheusTextTests {
    @Test(
        "numbers are written as Prometheus reads and writes them",
        arguments: [
            (0, "0"), (1, "1"), (-1.5, "-1.5"), (0.001, "0.001"), (0.0025, "0.0025"),
            (1_700_000_000.25, "1700000000.25"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
            (.nan, "NaN"), (1e21, "1e+21"), (1e-7, "1e-07"),
        ] as [(Double, String)])
    func numbers(value: Double, text: String) {
        #expect(PrometheusText.number(value) == text)
    }

    @Test("a label's value cannot leave its quotes, and a help text not its line")
    func escapes() {
        var page = PrometheusText()
        page.begin("x", .gauge, "a \\ and\r\na \"line\"")
        page.sample(1 as UInt64, ["label": "a\"} 2\nx{b=\"c\\"])
        #expect(
            page.text == """
                # HELP x a \\\\ and\r\\na "line"
                # TYPE x gauge
                x{label="a\\"} 2\\nx{b=\\"c\\\\"} 1

                """)
    }

    @Test("a histogram's buckets rise to the count")
    func histogram() {
        var histogram = Histogram(bounds: [.milliseconds(1), .seconds(1)])
        for duration in [Duration.zero, .milliseconds(1), .microseconds(1_001), .seconds(2)] {
            histogram.observe(duration)
        }
        var page = PrometheusText()
        page.begin("x_seconds", .histogram, "X.")
        page.samples("queue", "q", histogram)
        #expect(
            page.text == """
                # HELP x_seconds X.
                # TYPE x_seconds histogram
                x_seconds_bucket{queue="q",le="0.001"} 2
                x_seconds_bucket{queue="q",le="1"} 3
                x_seconds_bucket{queue="q",le="+Inf"} 4
                x_seconds_sum{queue="q"} 2.002001
                x_seconds_count{queue="q"} 4

                """)
    }

    @Test("the buckets rise from 1 ms, to the longest run and to an hour's wait")
    func buckets() {
        for (histogram, last) in [
            (Histogram.processing, Duration.seconds(1_800)), (.wait, .seconds(3_600)),
        ] {
            #expect(histogram.bounds.first == .milliseconds(1))
            #expect(histogram.bounds.last == last)
            #expect(histogram.bounds == Set(histogram.bounds).sorted())
            #expect(histogram.bounds.count <= 16)
        }
    }

    @Test("promtool has no complaint about a page of everything")
    func promtool() async throws {
        let welcome = try #require(JobType("email:welcome"))
        let metrics = Metrics(types: [welcome], queues: [.default], version: "1.0")
        metrics.record([
            JobEvent(
                id: try #require(JobID("1")), type: welcome, queue: .default, attempt: 1,
                maxAttempts: 2, kind: .done, wait: .milliseconds(3), run: .seconds(1))
        ])
        var stats = QueueStats(queue: .default)
        stats.pending = 3
        stats.oldestPendingAt = 1
        var snapshot = MetricsSnapshot()
        snapshot.add(
            BrokerStats(queues: [stats]), unixMilliseconds: 1_700_000_000_000, of: [.default])
        #expect(snapshot.process != nil)

        let promtool = try ChildProcess(
            "/usr/bin/promtool", ["check", "metrics"], input: metrics.text(snapshot))
        let status = try await promtool.waitForEndOfOutput(within: .seconds(60))
        #expect(status == .exited(0))
        #expect(promtool.standardOutput == [])
        #expect(promtool.standardError == [])
    }

    @Test("promtool does complain about a bad page")
    func promtoolComplains() async throws {
        let promtool = try ChildProcess(
            "/usr/bin/promtool", ["check", "metrics"],
            input: "# HELP x_count X.\n# TYPE x_count counter\nx_count 1\n")
        let status = try await promtool.waitForEndOfOutput(within: .seconds(60))
        #expect(status != .exited(0))
    }
}
