import JobQueue
import Testing

@Suite("A limit of time", .timeLimit(.minutes(5)))
struct TimeLimitTests {
    @Test("what ends in time gives its value")
    func inTime() async {
        #expect(await within(.seconds(1), ManualClock()) { 7 } == 7)
    }

    @Test("what takes too long is cancelled and gives nothing")
    func tooLate() async throws {
        let clock = ManualClock()
        let gate = Gate()
        let cancelled = Changing(false)
        async let value = within(.seconds(1), clock) {
            do {
                try await gate.pass()
            } catch {
                cancelled.update { $0 = true }
            }
            return 7
        }
        try await clock.pass(.seconds(1))
        #expect(await value == nil)
        #expect(cancelled.value)
    }

    @Test("what does not heed its cancellation is given up when the time is over")
    func givenUp() async throws {
        let clock = ManualClock()
        let answer = Gate()
        async let value = within(.seconds(1), clock, giveUp: { answer.open() }) {
            // As a request awaits its answer.
            await Task { try? await answer.pass() }.value
            return 7
        }
        try await clock.pass(.seconds(1))
        #expect(await value == nil)
    }

    @Test("a cancelled task does not wait for the limit")
    func cancelled() async throws {
        let clock = ManualClock()
        let gate = Gate()
        let task = Task {
            await within(.seconds(1), clock) {
                // Ends when it is cancelled; how does not matter.
                try? await gate.pass()
                return 7
            }
        }
        try await clock.awaitSleeper(.seconds(1))
        task.cancel()
        // Nothing moves the clock: it would wait for ever.
        _ = await task.value
    }
}
