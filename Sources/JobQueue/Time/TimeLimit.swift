/// Runs `body` for at most `limit`; then its task is cancelled.
///
/// It returns when `body` has: what does not heed its cancellation, such as a request that awaits its
/// answer, must be ended by `giveUp`.
///
/// - Parameter giveUp: Called when the time is over, after the cancellation.
/// - Returns: what it returned, `nil` when the time was over first.
package func within<Value: Sendable>(
    _ limit: Duration, _ clock: any JobClock, giveUp: @Sendable () async -> Void = {},
    _ body: @escaping @Sendable () async -> Value
) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await body() }
        group.addTask {
            // Cancelled when the body was first.
            try? await clock.sleep(for: limit)
            return nil
        }
        let first = await group.next() ?? nil
        group.cancelAll()
        if case .none = first { await giveUp() }
        return first
    }
}
