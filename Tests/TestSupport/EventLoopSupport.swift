import EventLoop
import LinuxSystem

/// Runs `body` on the thread of a fresh event loop, with everything it starts, and stops the loop.
///
/// `@concurrent`, so that `body` begins by changing over to the loop: a closure that runs where its
/// caller runs would begin on the caller's thread, in spite of the preference.
@discardableResult
package func withEventLoop<Result: Sendable>(
    _ body: @Sendable @concurrent (EventLoop) async throws -> Result
) async throws -> Result {
    // A connection that a test cuts must not end the process, as it does not end the daemon.
    ProcessSignals.ignoreBrokenPipes()
    let loop = try EventLoop()
    try loop.start()
    defer { loop.stop() }
    return try await withTaskExecutorPreference(loop) { try await body(loop) }
}
