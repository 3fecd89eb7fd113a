import JobQueue
import Testing

/// A clock that a test moves by hand. Who sleeps wakes when its time was passed.
final class ManualClock: JobClock {
    private struct State {
        var now = ManualClock.start
        /// When those who sleep want to be woken.
        var sleepers: [MonotonicTime] = []
        /// Who would sleep for exactly so long does not sleep.
        var skipped: Duration?
    }

    static let start = MonotonicTime(nanoseconds: 5_000_000_000)
    /// The wall clock at the start, Unix milliseconds.
    static let wallStart: Int64 = 1_700_000_000_000

    private let state = Changing(State())

    var now: MonotonicTime { state.value.now }

    var unixMilliseconds: Int64 { Self.wallStart + now.since(Self.start).wholeMilliseconds }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        let sleep: MonotonicTime? = state.update { state in
            guard duration != state.skipped else { return nil }
            let end = state.now.advanced(by: duration)
            state.sleepers.append(end)
            return end
        }
        guard let end = sleep else { return }
        defer {
            state.update { state in
                if let index = state.sleepers.firstIndex(of: end) {
                    state.sleepers.remove(at: index)
                }
            }
        }
        try await state.wait { $0.now >= end }
    }

    /// Lets time pass, whoever sleeps.
    func advance(by duration: Duration) {
        state.update { $0.now = $0.now.advanced(by: duration) }
    }

    /// Waits until somebody sleeps for exactly `duration` from now, then lets so much time pass.
    func pass(
        _ duration: Duration, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await awaitSleeper(duration, sourceLocation: sourceLocation)
        advance(by: duration)
    }

    /// From now on nobody sleeps who wants to for exactly `duration`, and no time passes for it.
    func skip(_ duration: Duration) { state.update { $0.skipped = duration } }

    /// Waits until somebody sleeps for exactly one of these from now.
    func awaitSleeper(
        _ one: Duration, or other: Duration, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await state.expect("somebody sleeps", sourceLocation: sourceLocation) { state in
            [one, other].contains { state.sleepers.contains(state.now.advanced(by: $0)) }
        }
    }

    /// Waits until somebody sleeps for exactly `duration` from now.
    func awaitSleeper(
        _ duration: Duration, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await state.expect("somebody sleeps for \(duration)", sourceLocation: sourceLocation) {
            $0.sleepers.contains($0.now.advanced(by: duration))
        }
    }
}
