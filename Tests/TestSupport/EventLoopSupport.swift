import EventLoop

/// Runs `body` on the thread of a fresh event loop, with everything it starts, and stops the loop.
package func withEventLoop<Result: Sendable>(
    _ body: @Sendable @concurrent (EventLoop) async throws -> Result
) async throws -> Result {
    let loop = try EventLoop()
    try loop.start()
    defer { loop.stop() }
    return try await withTaskExecutorPreference(loop) { try await body(loop) }
}
