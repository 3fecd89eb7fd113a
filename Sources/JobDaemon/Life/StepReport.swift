import JobQueue
import Systemd

/// Asks the service manager for the time that a step of the end takes, and says what is awaited.
struct StepReport: Sendable {
    let notifier: ServiceNotifier
    let clock: any JobClock
    /// For how long it is asked at most: what is stuck is to be killed.
    let limit: Duration

    /// Carries out `body`.
    ///
    /// - Parameter status: what is awaited now; `nil`: nothing that is worth a word.
    func during(
        _ status: @escaping @Sendable () async -> String?, _ body: @Sendable () async -> Void
    ) async {
        await withTaskGroup { group in
            group.addTask { await report(status) }
            await body()
            group.cancelAll()
        }
    }

    private func report(_ status: @Sendable () async -> String?) async {
        let start = clock.now
        while !Task.isCancelled, clock.now.since(start) < limit {
            notifier.extendTimeout(Self.interval * 5, status: await status())
            // Cancellation ends the wait, and with it the loop.
            try? await clock.sleep(for: Self.interval)
        }
    }

    private static let interval = Duration.seconds(1)
}
