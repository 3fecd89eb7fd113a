import JobQueue
import TestSupport
import Testing

@testable import JobDaemon

@Suite("The counts that all who ask share")
struct SharedStatsTests {
    private let clock = SteppedClock()
    /// How many were made.
    private let made = Watched(0)
    private let isHeld = Watched(false)
    private let stats: SharedStats

    init() {
        let (made, isHeld) = (made, isHeld)
        stats = SharedStats(clock: clock, on: nil) {
            let number = made.update { made in
                made += 1
                return made
            }
            _ = await isHeld.wait(within: .seconds(60)) { !$0 }
            var queue = QueueStats(queue: .default)
            queue.pending = number
            return BrokerStats(queues: [queue])
        }
    }

    private func recent() async throws -> Int { try await stats.recent().queues[0].pending }
    private func fresh() async throws -> Int { try await stats.fresh().queues[0].pending }

    @Test("are made once a second, however many ask")
    func onceASecond() async throws {
        for _ in 0..<10 { #expect(try await recent() == 1) }
        clock.advance(by: .milliseconds(999))
        #expect(try await recent() == 1)
        clock.advance(by: .milliseconds(1))
        #expect(try await recent() == 2)
        #expect(made.value == 2)
    }

    @Test("who asks while they are made waits for them")
    func oneAtATime() async throws {
        isHeld.update { $0 = true }
        let answers = try await withThrowingTaskGroup { group in
            for _ in 0..<10 { group.addTask { try await recent() } }
            await eventually { made.value == 1 }
            isHeld.update { $0 = false }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: 1, count: 10))
    }

    @Test("a caller who wants them fresh gets those of after its call, a second after the last")
    func fresher() async throws {
        #expect(try await fresh() == 1)
        async let second = fresh()
        async let third = fresh()
        try await clock.awaitSleeper(.seconds(1))
        #expect(made.value == 1)
        clock.advance(by: .seconds(1))
        #expect(try await [second, third] == [2, 2])
    }

    @Test("a failure is told to all who ask, and not tried for each of them")
    func failure() async throws {
        let stats = SharedStats(clock: clock, on: nil) { [made] in
            made.update { $0 += 1 }
            throw BrokerError.refused(reason: "full")
        }
        for _ in 0..<3 {
            await #expect(throws: BrokerError.refused(reason: "full")) {
                try await stats.recent()
            }
        }
        #expect(made.value == 1)
    }

    @Test("who gives up waiting is let go, and leaves the others their answer")
    func cancellation() async throws {
        isHeld.update { $0 = true }
        let one = Task { try await recent() }
        let other = Task { try await recent() }
        await eventually { made.value == 1 }
        one.cancel()
        await #expect(throws: CancellationError.self) { try await one.value }
        isHeld.update { $0 = false }
        #expect(try await other.value == 1)
    }
}
