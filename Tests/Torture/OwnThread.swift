import LinuxSystem

/// Runs what blocks on a thread of its own: a process that was stopped may hold it up for long, and
/// whoever lets that process go on needs a thread of the pool.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        do {
            try BackgroundThread.start(named: "torture") { continuation.resume(returning: body()) }
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
