import JobQueue
import Synchronization
import TestSupport
import Testing

@Suite("A pool on jobs in memory")
struct PoolInMemoryTests {
    private struct Oops: Error, CustomStringConvertible {
        let description = "out of paper"
    }

    @Test("every job is run once and done")
    func done() async throws {
        let ran = Mutex<[String]>([])
        try await PoolInMemory.run(slots: 10) { job, _ in
            ran.withLock { $0.append(job.payload.text) }
        } _: { pool in
            _ = try await pool.broker.enqueue((1...20).map { try job($0) })
            #expect(try await pool.expectEnd().totals.done == 20)
        }
        let all = ran.withLock { $0 }
        #expect(all.count == 20)
        #expect(Set(all).count == 20)
    }

    @Test("as many run at the same time as there are slots, and no more")
    func slots() async throws {
        let running = Watched(0)
        let isOpen = Watched(false)
        try await PoolInMemory.run(slots: 3) { _, _ in
            running.update { $0 += 1 }
            _ = await isOpen.wait(within: .seconds(240)) { $0 }
        } _: { pool in
            _ = try await pool.broker.enqueue((1...5).map { try job($0) })
            #expect(await running.wait(within: .seconds(240)) { $0 == 3 } == 3)
            let stats = try await pool.broker.stats(of: .default)
            #expect(stats.active == 3)
            #expect(stats.pending == 2)
            isOpen.update { $0 = true }
            #expect(try await pool.expectEnd().totals.done == 5)
        }
    }

    @Test("what fails is tried again until its attempts are used up, and then dead with the reason")
    func fails() async throws {
        let attempts = Mutex<[Int]>([])
        try await PoolInMemory.run { job, _ in
            attempts.withLock { $0.append(job.attempt) }
            throw Oops()
        } _: { pool in
            _ = try await pool.broker.enqueue([try job(1)])
            let stats = try await pool.expectEnd()
            #expect(stats.dead == 1)
            #expect(stats.totals.retried == 2)
            let dead = try #require(try await pool.broker.dead(in: nil, limit: 10).first)
            #expect(try read(dead.envelope).lastError == "out of paper")
        }
        #expect(attempts.withLock { $0 } == [1, 2, 3])
    }

    @Test("a drain gives back what does not end in time, at the head and with no attempt used")
    func drain() async throws {
        let isRunning = Watched(false)
        try await PoolInMemory.run(slots: 1, drainTimeout: .milliseconds(10)) { _, _ in
            isRunning.update { $0 = true }
            try await Task.sleep(for: .seconds(60))
        } _: { pool in
            _ = try await pool.broker.enqueue([try job(1), try job(2)])
            #expect(await isRunning.wait(within: .seconds(240)) { $0 } == true)
            pool.worker.drain()
            await eventually("the running job is given back") {
                try await pool.broker.stats(of: .default).pending == 2
            }
            let records = try await pool.stand.records(.pending, in: .default)
            #expect(try numbers(records) == [1, 2])
            #expect(try records.map { try read($0).attempts } == [0, 0])
        }
    }
}
