import ChildProcesses
import JobQueue

/// Whether the daemon does its work: what `/healthz` answers, and whether the watchdog is fed.
struct Health: Sendable {
    let worker: Worker
    let monitor: BrokerMonitor
    let clock: any JobClock
    let lease: Duration
    /// Commands that cannot be told to end.
    var refused = RefusedSignals()

    /// What is wrong, one line for each thing; empty: nothing is.
    func problems() -> [String] {
        var problems: [String] = []
        if let trouble = monitor.trouble { problems.append(trouble) }
        for (queue, trouble) in worker.currentTroubles {
            problems.append("queue \(queue): \(trouble)")
        }
        problems += worker.refusals.all
        let deaf = refused.current
        if !deaf.isEmpty {
            problems.append(
                "commands run as another user and cannot be told to end, processes "
                    + deaf.map(String.init).joined(separator: ", "))
        }
        if let part = stuckPart() { problems.append("\(part) is stuck") }
        return problems.sorted()
    }

    /// The part that makes no progress although it could; `nil`: all do. Waiting for a broker that is
    /// known to be away is progress.
    func stuckPart() -> String? {
        guard case .up(let since) = monitor.state else { return nil }
        let progress = worker.currentProgress
        let now = clock.now
        func isOld(_ stamp: MonotonicTime?) -> Bool {
            guard let stamp else { return false }
            return now.since(max(stamp, since)) > max(lease, Self.patience)
        }
        if isOld(progress.lastHeartbeat) { return "the heartbeat" }
        if isOld(progress.claimingSince) { return "claiming" }
        if isOld(progress.writingSince) { return "the writing of outcomes" }
        return nil
    }

    /// Longer than any single request to the broker may take.
    private static let patience = Duration.seconds(20)
}
