import JobQueue
import TestSupport

/// A clock that a test moves by hand. Who sleeps wakes when its time was passed.
final class SteppedClock: JobClock {
    private struct State {
        var elapsed = Duration.zero
        var sleepers: [Duration] = []
        var cancellations = 0
    }

    /// The wall clock at the start, Unix milliseconds.
    static let wallStart: Int64 = 1_700_000_000_000

    private let state = Watched(State())

    var now: MonotonicTime {
        MonotonicTime(nanoseconds: 5_000_000_000).advanced(by: state.value.elapsed)
    }

    var unixMilliseconds: Int64 { Self.wallStart + state.value.elapsed.wholeMilliseconds }

    func advance(by duration: Duration) { state.update { $0.elapsed += duration } }

    /// Waits until somebody sleeps for exactly `duration` from now.
    func awaitSleeper(_ duration: Duration) async throws {
        let found = await state.wait(within: .seconds(60)) {
            $0.sleepers.contains($0.elapsed + duration)
        }
        guard found != nil else { throw TestSupportError("nobody sleeps for \(duration)") }
    }

    /// Waits until somebody sleeps who wakes within `duration` from now.
    func awaitSleeper(atMost duration: Duration) async throws {
        let found = await state.wait(within: .seconds(60)) { state in
            state.sleepers.contains { $0 > state.elapsed && $0 <= state.elapsed + duration }
        }
        guard found != nil else { throw TestSupportError("nobody sleeps up to \(duration)") }
    }

    func sleep(for duration: Duration) async throws {
        let end = state.update { state in
            state.sleepers.append(state.elapsed + duration)
            return state.elapsed + duration
        }
        await withTaskCancellationHandler {
            while true {
                // In this order, so that no cancellation is missed.
                let seen = state.value.cancellations
                if Task.isCancelled || state.value.elapsed >= end { break }
                _ = await state.wait(within: .seconds(3_600)) {
                    $0.elapsed >= end || $0.cancellations != seen
                }
            }
        } onCancel: {
            state.update { $0.cancellations += 1 }
        }
        state.update { state in
            if let index = state.sleepers.firstIndex(of: end) { state.sleepers.remove(at: index) }
        }
        try Task.checkCancellation()
    }
}
