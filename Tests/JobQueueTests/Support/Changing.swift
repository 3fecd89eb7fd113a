import TestSupport
import Testing

/// A value that the doubles change. The code under test waits on it in a way that can be cancelled, a
/// test waits on it for a limited time.
final class Changing<Value: Sendable>: Sendable {
    private struct State: Sendable {
        var value: Value
        var lastWait = 0
        /// Waits whose task was cancelled.
        var cancelled: Set<Int> = []
    }

    private let state: Watched<State>

    init(_ value: Value) { state = Watched(State(value: value)) }

    var value: Value { state.value.value }

    @discardableResult
    func update<Result: Sendable>(_ change: @Sendable (inout Value) -> Result) -> Result {
        state.update { change(&$0.value) }
    }

    /// Suspends until the value satisfies `condition`. Throws `CancellationError` as soon as the task
    /// is cancelled.
    func wait(until condition: @escaping @Sendable (Value) -> Bool) async throws {
        let number = state.update { state in
            state.lastWait += 1
            return state.lastWait
        }
        await withTaskCancellationHandler {
            _ = await state.wait(within: Self.forEver) {
                condition($0.value) || $0.cancelled.contains(number)
            }
        } onCancel: {
            state.update { _ = $0.cancelled.insert(number) }
        }
        try Task.checkCancellation()
    }

    /// Suspends until the value satisfies `condition`, cancelled or not.
    func waitStubbornly(until condition: @escaping @Sendable (Value) -> Bool) async {
        _ = await state.wait(within: Self.forEver) { condition($0.value) }
    }

    /// For tests: waits until the value satisfies `condition`, and fails the test when it never does.
    @discardableResult
    func expect(
        _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation,
        until condition: @escaping @Sendable (Value) -> Bool
    ) async throws -> Value {
        let found = await state.wait(within: Self.patience) { condition($0.value) }
        return try #require(
            found, "still not so: \(comment.rawValue); last: \(value)",
            sourceLocation: sourceLocation
        ).value
    }

    /// Longer than any test.
    private static var forEver: Duration { .seconds(3600) }
    /// What never happened in this time does not happen; no test that passes waits so long.
    private static var patience: Duration { .seconds(50) }
}

/// Holds up whoever comes until it is opened.
struct Gate: Sendable {
    private let opened = Changing(false)
    /// Whether a cancelled task is held up all the same.
    let isStubborn: Bool

    init(isStubborn: Bool = false) { self.isStubborn = isStubborn }

    func open() { opened.update { $0 = true } }

    func pass() async throws {
        if isStubborn { return await opened.waitStubbornly { $0 } }
        try await opened.wait { $0 }
    }
}
