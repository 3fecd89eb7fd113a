import EventLoop
import TestSupport
import Testing

@Suite("Sleeping on the loop")
struct LoopTimerTests {
    @Test("sleepers wake in the order of their times")
    func order() async throws {
        let order = try await withEventLoop { loop in
            try await withThrowingTaskGroup(of: Int.self) { group in
                // Started together within a tick; the distances are far above its length.
                for number in [3, 1, 2] {
                    group.addTask {
                        try await loop.sleep(for: .milliseconds(number * 100))
                        return number
                    }
                }
                var order: [Int] = []
                for try await number in group { order.append(number) }
                return order
            }
        }
        #expect(order == [1, 2, 3])
    }

    @Test("a sleep lasts at least as long as asked")
    func duration() async throws {
        try await withEventLoop { loop in
            let start = ContinuousClock.now
            try await loop.sleep(for: .milliseconds(10))
            #expect(ContinuousClock.now - start >= .milliseconds(10))
            try await loop.sleep(for: .zero)
            #expect(loop.isOnLoop)
        }
    }

    @Test("it can be awaited from elsewhere, and returns there")
    func elsewhere() async throws {
        let loop = try EventLoop()
        try loop.start()
        defer { loop.stop() }
        try await loop.sleep(for: .milliseconds(1))
        #expect(!loop.isOnLoop)
    }

    @Test("a cancelled task wakes at once")
    func cancellation() async throws {
        try await withEventLoop { loop in
            let sleeper = Task(executorPreference: loop) {
                try await loop.sleep(for: .seconds(3_600))
            }
            try await loop.sleep(for: .milliseconds(1))
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
        }
    }

    @Test("a task that is cancelled already does not sleep")
    func cancelledBefore() async throws {
        try await withEventLoop { loop in
            let sleeper = Task(executorPreference: loop) {
                withUnsafeCurrentTask { $0?.cancel() }
                try await loop.sleep(for: .seconds(3_600))
            }
            await #expect(throws: CancellationError.self) { try await sleeper.value }
        }
    }

    @Test("cancelling while a sleep begins or ends leaves nobody asleep")
    func cancellationRaces() async throws {
        try await withEventLoop { loop in
            for round in 0..<200 {
                let sleeper = Task(executorPreference: loop) {
                    // Either way of ending is right here; that it ends is what is tested.
                    try? await loop.sleep(for: round.isMultiple(of: 2) ? .zero : .seconds(3_600))
                }
                await Task.detached { sleeper.cancel() }.value
                await sleeper.value
            }
        }
    }

    @Test("sleeps end and are cancelled while Swift's shared pool is blocked")
    func blockedPool() async {
        await #expect(processExitsWith: .success) {
            try await withEventLoop { loop in
                try await withSharedPoolBlocked {
                    try await loop.sleep(for: .milliseconds(1))
                    let sleeper = Task(executorPreference: loop) {
                        try await loop.sleep(for: .seconds(3_600))
                    }
                    try await loop.sleep(for: .milliseconds(1))
                    sleeper.cancel()
                    await #expect(throws: CancellationError.self) { try await sleeper.value }
                }
            }
        }
    }
}
