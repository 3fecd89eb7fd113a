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

    /// One thing that is wrong.
    struct Problem: Sendable, Equatable {
        /// Says which kind of thing, and no more than names: for those who may know no more.
        let code: String
        /// A line with the reason.
        let text: String
    }

    /// The lines of what is wrong.
    func problems() -> [String] { findings().map(\.text) }

    /// What is wrong, in the order of the lines; empty: nothing is.
    func findings() -> [Problem] {
        var problems: [Problem] = []
        if let trouble = monitor.trouble {
            problems.append(Problem(code: monitor.state.code, text: trouble))
        }
        for (queue, trouble) in worker.currentTroubles {
            problems.append(Problem(code: "queue \(queue)", text: "queue \(queue): \(trouble)"))
        }
        problems += worker.refusals.all.map { Problem(code: "refused", text: $0) }
        let deaf = refused.current
        if !deaf.isEmpty {
            problems.append(
                Problem(
                    code: "commands cannot be ended",
                    text: "commands run as another user and cannot be told to end, processes "
                        + deaf.map(String.init).joined(separator: ", ")))
        }
        if let part = stuckPart() {
            problems.append(Problem(code: "\(part) is stuck", text: "\(part) is stuck"))
        }
        return problems.sorted { $0.text < $1.text }
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

extension BrokerMonitor.State {
    /// What `/healthz` tells strangers.
    fileprivate var code: String {
        switch self {
        case .connecting: "broker connecting"
        case .up: "broker up"
        case .down: "broker lost"
        case .unfit: "broker refuses"
        }
    }
}
