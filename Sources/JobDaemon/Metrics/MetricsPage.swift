import JobQueue
import LinuxSystem

extension Metrics {
    /// All metrics of the daemon as the text that Prometheus reads.
    package func text(_ snapshot: MetricsSnapshot) -> String {
        MetricsPage(metrics: self, counts: current, snapshot: snapshot).text
    }
}

/// Puts the page together: every metric with its meaning, always in the same order.
struct MetricsPage {
    let metrics: Metrics
    let counts: Metrics.Counts
    let snapshot: MetricsSnapshot

    var text: String {
        var page = PrometheusText()
        writeJobs(to: &page)
        writeQueues(to: &page)
        writePauses(to: &page)
        writeDaemon(to: &page)
        if let process = snapshot.process { write(process, to: &page) }
        return page.text
    }

    private func writeJobs(to page: inout PrometheusText) {
        let types = Array(zip(counts.labels.values, counts.types))
        page.begin("jobqueue_jobs_processed_total", .counter, "Jobs that ended well.")
        for (type, count) in types { page.sample(count.done, ["type": type]) }
        page.begin("jobqueue_jobs_failed_total", .counter, "Jobs that were moved to dead.")
        for (type, count) in types { page.sample(count.dead, ["type": type]) }
        page.begin(
            "jobqueue_jobs_retried_total", .counter, "Attempts that failed and will be retried.")
        for (type, count) in types { page.sample(count.retried, ["type": type]) }
        page.begin(
            "jobqueue_job_processing_duration_seconds", .histogram,
            "How long the handler ran in one attempt.")
        for (type, count) in types { page.samples("type", type, count.processing) }
        page.begin(
            "jobqueue_job_wait_seconds", .histogram,
            "From when the job was due to the claim for its first attempt.")
        for (queue, waits) in zip(metrics.queues.values, counts.waits) {
            page.samples("queue", queue, waits)
        }
        page.begin(
            "jobqueue_jobs_recovered_total", .counter,
            "Jobs that this daemon took back from lost workers.")
        page.sample(counts.recovered)
        page.begin(
            "jobqueue_dead_trimmed_total", .counter,
            "Dead letters that this daemon dropped because of DeadMax= or DeadMaxAge=.")
        for (queue, count) in zip(metrics.queues.values, counts.trimmed) {
            page.sample(count, ["queue": queue])
        }
        page.begin(
            "jobqueue_leases_lost_total", .counter,
            "Jobs whose lease was lost: their outcome was refused.")
        page.sample(counts.leasesLost)
    }

    private func writeQueues(to page: inout PrometheusText) {
        guard let known = snapshot.queues else { return }
        let queues = metrics.queues.values.map { ($0, known[$0] ?? .init()) }
        page.begin("jobqueue_jobs", .gauge, "Jobs in the broker.")
        for (queue, gauge) in queues {
            for state in JobState.allCases {
                page.sample(
                    gauge.counts[state, default: 0], ["queue": queue, "state": state.rawValue])
            }
        }
        page.begin(
            "jobqueue_oldest_pending_seconds", .gauge,
            "For how long the job at the head of pending has been due; 0: none is there.")
        for (queue, gauge) in queues {
            if let age = gauge.oldestPending {
                page.sample(age.seconds, ["queue": queue])
            } else if gauge.isEmpty {
                page.sample(0 as UInt64, ["queue": queue])
            }
        }
    }

    private func writePauses(to page: inout PrometheusText) {
        guard let known = snapshot.queues else { return }
        page.begin(
            "jobqueue_queue_paused", .gauge,
            "1 while nothing is claimed from the queue because it is paused, else 0.")
        for queue in metrics.queues.values {
            page.sample(known[queue]?.isPaused == true ? 1 as UInt64 : 0, ["queue": queue])
        }
    }

    private func writeDaemon(to page: inout PrometheusText) {
        page.begin("jobqueue_slots", .gauge, "Jobs that this daemon may run at a time.")
        page.sample(UInt64(clamping: snapshot.slots))
        page.begin("jobqueue_slots_busy", .gauge, "Jobs that it runs now.")
        page.sample(UInt64(clamping: snapshot.slotsBusy))
        page.begin("jobqueue_broker_up", .gauge, "1 when the broker answers, else 0.")
        page.sample(snapshot.isBrokerUp ? 1 as UInt64 : 0)
        page.begin(
            "jobqueue_broker_reconnects_total", .counter,
            "How often the connection to the broker came back.")
        page.sample(UInt64(clamping: snapshot.reconnects))
        page.begin(
            "jobqueue_log_lines_dropped_total", .counter,
            "Log lines that were dropped because nobody took them in time.")
        page.sample(UInt64(clamping: snapshot.droppedLogLines))
        let configuration = metrics.configuration.current
        page.begin(
            "jobqueue_config_last_reload_successful", .gauge,
            "1 when the configuration that was read last holds, 0 when it had errors.")
        page.sample(configuration.isLastGood ? 1 as UInt64 : 0)
        page.begin(
            "jobqueue_config_last_reload_success_timestamp_seconds", .gauge,
            "When the configuration that holds was read, Unix time.")
        page.sample(Duration.milliseconds(configuration.lastGoodAt).seconds)
        page.begin("jobqueue_build_info", .gauge, "Always 1; the version is in the label.")
        page.sample(1 as UInt64, ["version": metrics.version])
    }

    /// The names that every Prometheus client library uses.
    private func write(_ process: ProcessStatistics, to page: inout PrometheusText) {
        page.begin(
            "process_cpu_seconds_total", .counter, "Time on a processor, user and system mode.")
        page.sample(process.processorTime.seconds)
        page.begin("process_resident_memory_bytes", .gauge, "Memory that is in RAM.")
        page.sample(UInt64(clamping: process.residentBytes))
        page.begin("process_virtual_memory_bytes", .gauge, "Address space in use.")
        page.sample(UInt64(clamping: process.virtualBytes))
        page.begin("process_open_fds", .gauge, "Open file descriptors.")
        page.sample(UInt64(clamping: process.openDescriptors))
        page.begin("process_max_fds", .gauge, "File descriptors that may be open.")
        page.sample(process.maximumDescriptors.map { Double($0) } ?? .infinity)
        page.begin("process_start_time_seconds", .gauge, "When the process started, Unix time.")
        page.sample(process.startTime.seconds)
    }
}
