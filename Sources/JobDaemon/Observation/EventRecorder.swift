import JobQueue

/// Turns what happened to jobs into metrics and log lines. Nobody else writes either about a job.
package struct EventRecorder: JobEventRecorder {
    let metrics: Metrics
    let log: any LogSink

    package init(metrics: Metrics, log: any LogSink) {
        self.metrics = metrics
        self.log = log
    }

    package func record(_ events: [JobEvent]) {
        metrics.record(events)
        for event in events { report(event) }
    }

    package func recovered(_ recovery: Recovery) {
        metrics.recovered(recovery)
        log.write(
            LogRecord(
                level: .warning, messageID: .workerRecovered,
                message: "took back \(recovery.jobs) jobs of queue \(recovery.queue) from the lost "
                    + "worker \(recovery.worker)"))
    }

    package func trimmed(_ count: Int, of queue: QueueName) {
        metrics.trimmed(count, of: queue)
        log.write(
            LogRecord(
                level: .notice,
                message: "dropped the oldest \(count) dead letters of queue \(queue): they were "
                    + "beyond DeadMax= or DeadMaxAge="))
    }

    /// A line for all but what goes as it should, which is only seen at level debug.
    private func report(_ event: JobEvent) {
        var attempt: String { "attempt \(event.attempt) of \(event.maxAttempts)" }
        switch event.kind {
        case .done:
            write(event, .debug, nil, "job done, \(attempt), in \(event.run?.brief ?? "?")")
        case .retried(let delay, let reason):
            write(
                event, .warning, .jobRetried,
                "\(attempt) failed: \(Self.clipped(reason)); next in \(delay.brief)")
        case .dead(let reason):
            write(
                event, .error, .jobDead,
                event.attempt == 0
                    ? "job is dead, never run: \(Self.clipped(reason))"
                    : "job is dead after \(attempt): \(Self.clipped(reason))")
        case .released(let reason):
            write(event, .notice, .jobReleased, "job given back unfinished: \(reason)")
        case .putOff(let delay, let reason):
            write(
                event, .warning, nil, "job put off for \(delay.brief), no attempt used: \(reason)")
        case .refused:
            write(
                event, .warning, .outcomeRefused,
                "the outcome came too late and was refused: the job belongs to another worker or "
                    + "has ended")
        }
    }

    /// So that the end of the reason is in the line, with what stands around it.
    private static func clipped(_ reason: String) -> String {
        ErrorText.clipped(reason, to: LogText.maxBytes - 256)
    }

    private func write(
        _ event: JobEvent, _ level: LogLevel, _ id: MessageID?,
        _ message: @autoclosure () -> String
    ) {
        guard log.level.includes(level) else { return }
        var fields = LogFields()
        fields.job = event.id
        fields.type = event.type
        fields.queue = event.queue
        fields.attempt = event.attempt
        log.write(LogRecord(level: level, messageID: id, message: message(), fields: fields))
    }
}
