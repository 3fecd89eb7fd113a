import Synchronization

/// A value that any thread may change and a test can wait on: it wakes when the value is as wanted,
/// without asking again and again.
package final class Watched<Value: Sendable>: Sendable {
    private struct Waiter {
        let isSatisfied: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Value?, Never>
    }

    private struct State {
        var value: Value
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state: Mutex<State>

    package init(_ value: Value) { state = Mutex(State(value: value)) }

    package var value: Value { state.withLock { $0.value } }

    /// Changes the value and wakes who waited for what it is now.
    @discardableResult
    package func update<Result: Sendable>(_ change: @Sendable (inout Value) -> Result) -> Result {
        let (result, value, woken) = state.withLock { state in
            let result = change(&state.value)
            let value = state.value
            let woken = state.waiters.filter { $0.value.isSatisfied(value) }
            for id in woken.keys { state.waiters[id] = nil }
            return (result, value, woken.map(\.value.continuation))
        }
        for continuation in woken { continuation.resume(returning: value) }
        return result
    }

    /// Suspends until the value satisfies `condition`.
    ///
    /// - Returns: the value that did, or `nil` when `limit` has passed first.
    package func wait(
        within limit: Duration, until condition: @escaping @Sendable (Value) -> Bool
    ) async -> Value? {
        await withCheckedContinuation { continuation in
            let (satisfied, id) = state.withLock { state -> (Value?, UInt64) in
                if condition(state.value) { return (state.value, 0) }
                state.nextWaiter += 1
                state.waiters[state.nextWaiter] = Waiter(
                    isSatisfied: condition, continuation: continuation)
                return (nil, state.nextWaiter)
            }
            if let satisfied { return continuation.resume(returning: satisfied) }
            Alarm.after(limit) { [weak self] in self?.giveUp(id) }
        }
    }

    private func giveUp(_ id: UInt64) {
        state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume(returning: nil)
    }
}
