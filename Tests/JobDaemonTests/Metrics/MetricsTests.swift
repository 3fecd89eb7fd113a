import JobQueue
import LinuxSystem
import TestSupport
import Testing

@testable import JobDaemon

@Suite("Metrics")
struct MetricsTests {
    private let welcome = JobType("email:welcome")
    private let critical = QueueName("critical")
    private let metrics: Metrics

    init() throws {
        metrics = Metrics(
            types: [try #require(JobType("report")), try #require(welcome)],
            queues: [try #require(critical), .default], version: "1.2.3")
    }

    private func event(
        _ kind: JobEvent.Kind, type: JobType?, queue: QueueName? = nil, wait: Duration? = nil,
        run: Duration? = nil
    ) throws -> JobEvent {
        JobEvent(
            id: try #require(JobID("j1")), type: type, queue: queue ?? .default, attempt: 1,
            maxAttempts: 25, kind: kind, wait: wait, run: run)
    }

    private func page(_ snapshot: MetricsSnapshot = MetricsSnapshot()) -> Samples {
        Samples(metrics.text(snapshot))
    }

    @Test("each registered type and each configured queue has its series from the start")
    func startsAtZero() {
        let page = page()
        for type in ["email:welcome", "report", "other"] {
            for name in ["processed", "failed", "retried"] {
                #expect(page[#"jobqueue_jobs_\#(name)_total{type="\#(type)"}"#] == "0")
            }
            let duration = "jobqueue_job_processing_duration_seconds"
            #expect(page[#"\#(duration)_count{type="\#(type)"}"#] == "0")
            #expect(page[#"\#(duration)_bucket{type="\#(type)",le="+Inf"}"#] == "0")
        }
        for queue in ["critical", "default", "other"] {
            #expect(page[#"jobqueue_job_wait_seconds_sum{queue="\#(queue)"}"#] == "0")
        }
        #expect(page["jobqueue_jobs_recovered_total"] == "0")
        #expect(page["jobqueue_leases_lost_total"] == "0")
        #expect(page["jobqueue_dead_trimmed_total{queue=\"other\"}"] == "0")
        #expect(page[#"jobqueue_build_info{version="1.2.3"}"#] == "1")
    }

    @Test("a job is counted by how its attempt ended")
    func counts() throws {
        metrics.record([
            try event(.done, type: welcome), try event(.done, type: welcome),
            try event(.retried(after: .seconds(1), reason: "no answer"), type: welcome),
            try event(.dead(reason: "bad payload"), type: JobType("report")),
        ])
        let page = page()
        #expect(page[#"jobqueue_jobs_processed_total{type="email:welcome"}"#] == "2")
        #expect(page[#"jobqueue_jobs_retried_total{type="email:welcome"}"#] == "1")
        #expect(page[#"jobqueue_jobs_failed_total{type="email:welcome"}"#] == "0")
        #expect(page[#"jobqueue_jobs_failed_total{type="report"}"#] == "1")
        #expect(page[#"jobqueue_jobs_processed_total{type="report"}"#] == "0")
    }

    @Test("run and wait are measured, each under its own label")
    func durations() throws {
        metrics.record([
            try event(
                .done, type: welcome, queue: critical, wait: .milliseconds(1),
                run: .milliseconds(40)),
            try event(.dead(reason: "x"), type: welcome, wait: .seconds(2), run: .seconds(3_600)),
            try event(.dead(reason: "no type"), type: nil),
        ])
        let page = page()
        let run = "jobqueue_job_processing_duration_seconds"
        #expect(page[#"\#(run)_bucket{type="email:welcome",le="0.025"}"#] == "0")
        #expect(page[#"\#(run)_bucket{type="email:welcome",le="0.05"}"#] == "1")
        #expect(page[#"\#(run)_bucket{type="email:welcome",le="1800"}"#] == "1")
        #expect(page[#"\#(run)_bucket{type="email:welcome",le="+Inf"}"#] == "2")
        #expect(page[#"\#(run)_sum{type="email:welcome"}"#] == "3600.04")
        #expect(page[#"\#(run)_count{type="other"}"#] == "0")
        let wait = "jobqueue_job_wait_seconds"
        // A bucket's end belongs to it.
        #expect(page[#"\#(wait)_bucket{queue="critical",le="0.001"}"#] == "1")
        #expect(page[#"\#(wait)_count{queue="critical"}"#] == "1")
        #expect(page[#"\#(wait)_sum{queue="default"}"#] == "2")
    }

    @Test("a job that was given back or belongs to another worker now is not counted as run")
    func notOurs() throws {
        let untouched = page()
        metrics.record([
            try event(
                .released(reason: "drain"), type: welcome, wait: .seconds(1), run: .seconds(1)),
            try event(.refused, type: welcome, wait: .seconds(1), run: .seconds(1)),
        ])
        let page = page()
        #expect(page["jobqueue_leases_lost_total"] == "1")
        for key in untouched.keys
        where key.hasPrefix("jobqueue_job") {
            #expect(page[key] == untouched[key], "\(key)")
        }
    }

    @Test("100 000 types that nobody registered add no series")
    func strangers() throws {
        let before = page().keys
        for number in 0..<100_000 {
            let queue = number % 2 == 0 ? QueueName("q\(number)") : .default
            metrics.record([
                try event(
                    .done, type: JobType("evil:\(number)"), queue: queue, wait: .zero, run: .zero)
            ])
        }
        let page = page()
        #expect(page.keys == before)
        #expect(page[#"jobqueue_jobs_processed_total{type="other"}"#] == "100000")
        #expect(page[#"jobqueue_job_wait_seconds_count{queue="other"}"#] == "50000")
    }

    @Test("a type that is named other shares the series of the unknown ones")
    func namedOther() throws {
        let other = try #require(JobType("other"))
        let metrics = Metrics(types: [other, other], queues: [.default], version: "1")
        metrics.record([
            try event(.done, type: other), try event(.done, type: welcome),
        ])
        let page = Samples(metrics.text(MetricsSnapshot()))
        #expect(page[#"jobqueue_jobs_processed_total{type="other"}"#] == "2")
        #expect(page.repeated.isEmpty)
    }

    @Test("absurd durations from a producer's clock are counted without a trap")
    func absurd() throws {
        let longest = Duration.seconds(Int64.max)
        for wait in [longest, .zero - longest] {
            for _ in 0..<3 { metrics.record([try event(.done, type: welcome, wait: wait)]) }
        }
        let page = page()
        #expect(page[#"jobqueue_job_wait_seconds_count{queue="default"}"#] == "6")
        #expect(page[#"jobqueue_job_wait_seconds_bucket{queue="default",le="0.001"}"#] == "3")
        #expect(page[#"jobqueue_job_wait_seconds_sum{queue="default"}"#] == "946080000")
    }

    @Test("recovered jobs are counted, not workers")
    func recovered() {
        metrics.recovered(Recovery(worker: "w1", queue: .default, jobs: 3))
        metrics.recovered(Recovery(worker: "w2", queue: .default, jobs: 4))
        #expect(page()["jobqueue_jobs_recovered_total"] == "7")
    }

    @Test("many threads may count at the same time")
    func concurrent() async throws {
        let batch = Array(repeating: try event(.done, type: welcome, run: .zero), count: 10)
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { [metrics] in
                    for _ in 0..<1_000 { metrics.record(batch) }
                }
            }
        }
        #expect(page()[#"jobqueue_jobs_processed_total{type="email:welcome"}"#] == "80000")
    }

    @Test("two pages of the same state are the same text")
    func stable() throws {
        var snapshot = MetricsSnapshot()
        snapshot.add(
            BrokerStats(queues: [QueueStats(queue: .default)]), unixMilliseconds: 0,
            of: [try #require(critical), .default])
        #expect(metrics.text(snapshot) == metrics.text(snapshot))
    }
}
