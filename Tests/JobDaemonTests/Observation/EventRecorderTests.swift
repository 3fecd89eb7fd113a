import JobQueue
import Testing

@testable import JobDaemon

@Suite("What happens to jobs, in the log and in the metrics")
struct EventRecorderTests {
    private let log = LogCapture()
    private let metrics = Metrics(
        types: [Sample.type("work")], queues: [Sample.queue("mail")], version: "1")

    private func record(_ events: JobEvent..., level: LogLevel = .debug) -> [LogRecord] {
        let log = LogCapture(level: level)
        EventRecorder(metrics: metrics, log: log).record(events)
        return log.records.value
    }

    private func sample(_ name: String) -> String? {
        Samples(metrics.text(MetricsSnapshot()))[name]
    }

    /// Which events give which line.
    struct Line: Sendable, CustomTestStringConvertible {
        let kind: JobEvent.Kind
        var attempt = 2
        let level: LogLevel
        let id: MessageID?
        let message: String
        /// The metric that counts it.
        let counter: String

        var testDescription: String { message }
    }

    private static let lines = [
        Line(
            kind: .done, level: .debug, id: nil, message: "job done, attempt 2 of 5, in 40ms",
            counter: #"jobqueue_jobs_processed_total{type="work"}"#),
        Line(
            kind: .retried(after: .seconds(90), reason: "no route"), level: .warning,
            id: .jobRetried, message: "attempt 2 of 5 failed: no route; next in 1m 30s",
            counter: #"jobqueue_jobs_retried_total{type="work"}"#),
        Line(
            kind: .dead(reason: "out of luck"), level: .error, id: .jobDead,
            message: "job is dead after attempt 2 of 5: out of luck",
            counter: #"jobqueue_jobs_failed_total{type="work"}"#),
        Line(
            kind: .dead(reason: "no handler"), attempt: 0, level: .error, id: .jobDead,
            message: "job is dead, never run: no handler",
            counter: #"jobqueue_jobs_failed_total{type="work"}"#),
        Line(
            kind: .released(reason: "the daemon was stopped"), level: .notice, id: .jobReleased,
            message: "job given back unfinished: the daemon was stopped", counter: ""),
        Line(
            kind: .refused, level: .warning, id: .outcomeRefused,
            message: "the outcome came too late and was refused: the job belongs to another worker "
                + "or has ended", counter: "jobqueue_leases_lost_total"),
    ]

    @Test("each event is a line of its own kind and level, with the job's fields", arguments: lines)
    func line(line: Line) {
        let records = record(Sample.event(line.kind, attempt: line.attempt))
        var fields = LogFields()
        fields.job = Sample.id("j1")
        fields.type = Sample.type("work")
        fields.queue = Sample.queue("mail")
        fields.attempt = line.attempt
        #expect(
            records == [
                LogRecord(
                    level: line.level, messageID: line.id, message: line.message, fields: fields)
            ])
    }

    @Test(
        "each event is counted once, jobs that were released not at all",
        arguments: lines)
    func counted(line: Line) {
        let before = Samples(metrics.text(MetricsSnapshot()))
        _ = record(Sample.event(line.kind, attempt: line.attempt))
        let after = Samples(metrics.text(MetricsSnapshot()))
        let changed = after.keys.filter {
            $0.contains("_total") && $0.hasPrefix("jobqueue") && after[$0] != before[$0]
        }
        #expect(changed == (line.counter.isEmpty ? [] : [line.counter]))
    }

    @Test(
        "at info there is a line for all but success, at error for the dead alone"
    )
    func levels() {
        let kinds = Self.lines.map { Sample.event($0.kind, attempt: $0.attempt) }
        for (level, expected) in [
            (LogLevel.debug, 6), (.info, 5), (.notice, 5), (.warning, 4), (.error, 2),
        ] {
            let log = LogCapture(level: level)
            EventRecorder(metrics: metrics, log: log).record(kinds)
            #expect(log.records.value.count == expected, "\(level)")
        }
        // Counted all the same.
        #expect(sample(#"jobqueue_jobs_processed_total{type="work"}"#) == "5")
    }

    @Test("the lines of a batch come in its order")
    func batch() {
        let records = record(
            Sample.event(.refused), Sample.event(.done), Sample.event(.released(reason: "r")))
        #expect(records.map(\.messageID) == [.outcomeRefused, nil, .jobReleased])
    }

    @Test("a job whose record says no type has none in its line, and is counted under other")
    func noType() {
        let records = record(Sample.event(.dead(reason: "x"), type: nil, attempt: 0, run: nil))
        #expect(records.map(\.fields.type) == [nil])
        #expect(sample(#"jobqueue_jobs_failed_total{type="other"}"#) == "1")
    }

    @Test("jobs that were taken back from a lost worker are told with the worker, and counted")
    func recovered() {
        EventRecorder(metrics: metrics, log: log).recovered(
            Recovery(worker: "w9", queue: Sample.queue("mail"), jobs: 3))
        #expect(
            log.records.value == [
                LogRecord(
                    level: .warning, messageID: .workerRecovered,
                    message: "took back 3 jobs of queue mail from the lost worker w9")
            ])
        #expect(sample("jobqueue_jobs_recovered_total") == "3")
    }
}
