import JobQueue
import Systemd

/// Tells the service manager how a drain goes, and asks it for the time that the settings allow, which may be
/// longer than `TimeoutStopSec=` of the unit.
struct DrainReport: Sendable {
    let notifier: ServiceNotifier
    let worker: Worker
    let clock: any JobClock
    let drainTimeout: Duration
    let killGrace: Duration

    /// Runs until the task is cancelled, or for as long as a drain may take.
    func run() async {
        let start = clock.now
        while !Task.isCancelled {
            let passed = clock.now.since(start)
            guard passed < drainTimeout + killGrace + Self.ending else { return }
            notifier.extendTimeout(Self.interval * 5, status: status(after: passed))
            // Cancellation ends the wait, and with it the loop.
            try? await clock.sleep(for: Self.interval)
        }
    }

    private func status(after passed: Duration) -> String {
        let busy = worker.workbench.occupancy.busy
        let left = (drainTimeout - passed).components.seconds
        if busy == 0 { return "draining: writes what is left" }
        return passed < drainTimeout
            ? "draining: \(busy) running, \(left) s left"
            : "draining: \(busy) cancelled, to return within \(killGrace.brief)"
    }

    private static let interval = Duration.seconds(1)
    /// For the last outcomes, and for signing off.
    private static let ending = Duration.seconds(5)
}
