import Foundation
import JobQueue
import Testing

@Suite("The bell", .timeLimit(.minutes(5)))
struct BellTests {
    @Test("a ring before the wait is not missed")
    func before() async {
        let bell = Bell()
        bell.ring()
        await bell.wait()
    }

    @Test("a ring wakes the one who waits")
    func during() async throws {
        let bell = Bell()
        let rounds = Changing(0)
        let task = Task {
            for _ in 0..<3 {
                await bell.wait()
                rounds.update { $0 += 1 }
            }
        }
        for round in 1...3 {
            bell.ring()
            try await rounds.expect("round \(round)") { $0 == round }
        }
        await task.value
    }

    @Test("several rings are one")
    func severalRings() async throws {
        let bell = Bell()
        for _ in 0..<5 { bell.ring() }
        await bell.wait()
        let woken = Changing(false)
        let task = Task {
            await bell.wait()
            woken.update { $0 = true }
        }
        // Only the next ring lets it go: were the others remembered, it would be woken already by
        // the time that many other tasks were run.
        for _ in 0..<50 { await Task.yield() }
        #expect(!woken.value)
        bell.ring()
        await task.value
    }

    @Test("a cancelled task does not wait")
    func cancelledBefore() async {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await Bell().wait()
        }
        await task.value
    }

    @Test("cancelling wakes the one who waits")
    func cancelledDuring() async {
        for _ in 0..<200 {
            let bell = Bell()
            let task = Task { await bell.wait() }
            task.cancel()
            await task.value
        }
    }

    @Test("after a cancelled wait another task can wait, and is woken by a ring")
    func afterCancellation() async {
        let bell = Bell()
        let task = Task { await bell.wait() }
        task.cancel()
        await task.value
        let next = Task { await bell.wait() }
        bell.ring()
        await next.value
    }

    @Test("no ring of many threads is lost")
    func manyThreads() async throws {
        let bell = Bell()
        let work = Changing(0)
        let (threads, rings) = (8, 500)
        let taken = Changing(0)
        let consumer = Task {
            while taken.value < threads * rings {
                let found = work.update { work in
                    defer { work = 0 }
                    return work
                }
                taken.update { $0 += found }
                // A lost ring would leave work lying, and this waiting for ever.
                if found == 0 { await bell.wait() }
            }
        }
        for _ in 0..<threads {
            Thread.detachNewThread {
                for _ in 0..<rings {
                    work.update { $0 += 1 }
                    bell.ring()
                }
            }
        }
        await consumer.value
        #expect(taken.value == threads * rings)
    }
}
