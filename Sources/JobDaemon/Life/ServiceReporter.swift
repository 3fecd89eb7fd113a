import JobQueue
import Systemd

/// Keeps the service manager informed while the daemon runs: the live STATUS= line, and WATCHDOG=1
/// while everything makes progress.
struct ServiceReporter: Sendable {
    let notifier: ServiceNotifier
    let health: Health
    let broker: any DaemonBroker
    let worker: Worker
    let configuration: ConfigurationState
    let stop: StopSwitch
    let clock: any JobClock
    let log: any LogSink

    /// Runs until the task is cancelled.
    func run() async {
        await withTaskGroup { group in
            if let interval = notifier.watchdogInterval {
                group.addTask { await feedWatchdog(every: interval / 2) }
            }
            if notifier.isActive { group.addTask { await showStatus() } }
        }
    }

    /// What is stuck is told before the watchdog has waited for too long; of the loop that does not turn
    /// another thread tells it.
    private func feedWatchdog(every interval: Duration) async {
        let watch = startLoopWatch(patience: interval * 3 / 2)
        defer { watch?.end() }
        var stuck: String?
        while !Task.isCancelled {
            watch?.isAlive()
            let part = health.stuckPart()
            if let part {
                if part != stuck {
                    log.write(
                        LogRecord(
                            level: .error,
                            message: "\(part) is stuck: the watchdog is not fed any more"))
                }
            } else {
                notifier.watchdog()
            }
            stuck = part
            // Cancellation ends the wait, and with it the loop.
            try? await clock.sleep(for: interval)
        }
    }

    private func startLoopWatch(patience: Duration) -> LoopWatch? {
        do {
            return try LoopWatch(patience: patience, log: log)
        } catch {
            log.write(
                LogRecord(
                    level: .warning,
                    message: "nobody will tell when the event loop is stuck: \(error)"))
            return nil
        }
    }

    /// Until a drain begins, which has a status of its own.
    private func showStatus() async {
        while !Task.isCancelled {
            let state = await statusLine()
            let line =
                configuration.current.isLastGood
                ? state : "\(state); \(ConfigurationState.refusal)"
            guard stop.reason == nil else { return }
            notifier.status(line)
            // Cancellation ends the wait, and with it the loop.
            try? await clock.sleep(for: Self.statusInterval)
        }
    }

    /// Such as `running 12/64, pending 340, redis 0.4 ms`.
    private func statusLine() async -> String {
        let (busy, slots) = worker.workbench.occupancy
        let running = "running \(busy)/\(slots)"
        do {
            let stats = try await broker.stats()
            let took = try await broker.ping()
            let pending = stats.queues.reduce(0) { $0 + $1.pending }
            let tenths = took.wholeNanoseconds / 100_000
            return
                "\(running), pending \(pending), \(health.monitor.address.kind) \(tenths / 10).\(tenths % 10) ms"
        } catch {
            return
                "\(running), waiting for \(health.monitor.address.name): \(health.monitor.trouble ?? "\(error)")"
        }
    }

    private static let statusInterval = Duration.seconds(5)
}
