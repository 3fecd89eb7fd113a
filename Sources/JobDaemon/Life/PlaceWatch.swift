import JobQueue

/// Looks whether the names of the lock and of the control socket still lead to this daemon. Both can be
/// removed under it, by what cleans `/run` or by hand, and are made again.
struct PlaceWatch: Sendable {
    let instance: Instance
    let endpoints: Endpoints
    let clock: any JobClock
    let log: any LogSink

    /// Runs until the task is cancelled.
    func run() async {
        var told: Set<String> = []
        while !Task.isCancelled {
            // Cancellation ends the wait, and with it the loop.
            try? await clock.sleep(for: Self.interval)
            if Task.isCancelled { return }
            var found: Set<String> = []
            for line in [instance.keepLock(), await endpoints.keepControlSocket()] {
                guard let line else { continue }
                found.insert(line)
                if told.contains(line) { continue }
                log.write(LogRecord(level: .warning, message: line))
            }
            told = found
        }
    }

    private static let interval = Duration.seconds(5)
}
