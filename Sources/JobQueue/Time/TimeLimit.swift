/// Runs `body` for at most `limit`; then its task is cancelled.
///
/// - Returns: what it returned, `nil` when the time was over first.
package func within<Value: Sendable>(
    _ limit: Duration, _ clock: any JobClock, _ body: @escaping @Sendable () async -> Value
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
        return first
    }
}
