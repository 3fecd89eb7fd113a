import EventLoop
import Foundation
import TestSupport
import Testing

@Suite("The event loop as an executor")
struct ExecutorTests {
    @Test("code on the loop knows it, code elsewhere knows that it is not")
    func whereAmI() async throws {
        try await withEventLoop { loop in
            #expect(loop.isOnLoop)
            #expect(loop.isIsolatingCurrentContext() == true)
            #expect(await Task.detached { loop.isOnLoop }.value == false)
        }
    }

    @Test("every job that many threads hand over is run, on the loop's thread")
    func manyThreads() async throws {
        let (threads, jobs) = (8, 500)
        try await withEventLoop { loop in
            let counter = Counter(loop: loop)
            let tasks = Watched<[Task<Void, Never>]>([])
            for _ in 0..<threads {
                Thread.detachNewThread {
                    let started = (0..<jobs).map { _ in
                        Task(executorPreference: loop) { await counter.increment() }
                    }
                    tasks.update { $0 += started }
                }
            }
            let all = try #require(
                await tasks.wait(within: .seconds(30)) { $0.count == threads * jobs })
            for task in all { await task.value }
            #expect(await counter.value == threads * jobs)
            #expect(await counter.strays == 0)
        }
    }

    @Test("a whole tree of tasks stays on the loop")
    func tree() async throws {
        try await withEventLoop { loop in
            async let child = isOn(loop)
            #expect(await child)
            await withTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        await withTaskGroup { $0.addTask { #expect(loop.isOnLoop) } }
                        #expect(loop.isOnLoop)
                    }
                }
            }
            let task = Task(executorPreference: loop) { await isOn(loop) }
            #expect(await task.value)
        }
    }

    @Test("actors without an executor of their own run there too, and stay exclusive")
    func plainActor() async throws {
        try await withEventLoop { loop in
            let plain = Plain()
            await withTaskGroup { group in
                for _ in 0..<100 { group.addTask { await plain.visit(loop) } }
            }
            #expect(await plain.visits == 100)
            #expect(await plain.strays == 0)
        }
    }

    @Test("what is put off to the end of a tick runs after the jobs of the tick")
    func endOfTick() async throws {
        let order = try await withEventLoop { loop in
            let recorder = Recorder(loop: loop)
            await recorder.fillOneTick()
            return await recorder.notes.wait(within: .seconds(10)) { $0.count == 5 }
        }
        #expect(order == ["first", "second", "third", "end of tick", "put off from there"])
    }

    @Test("jobs that bring more jobs without end do not hold up events", .timeLimit(.minutes(5)))
    func endlessJobs() async throws {
        try await withEventLoop { loop in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { while !Task.isCancelled { await Task.yield() } }
                try await loop.sleep(for: .milliseconds(5))
                group.cancelAll()
            }
        }
    }

    @Test("a stopped loop ends its thread and is freed")
    func stop() async throws {
        let freed = Weak()
        try await Self.useLoop { freed.loop = $0 }
        await eventually(equals: true) { freed.loop == nil }
    }

    @concurrent
    private static func useLoop(_ see: (EventLoop) -> Void) async throws {
        let loop = try EventLoop()
        try loop.start()
        see(loop)
        await Task(executorPreference: loop) { #expect(loop.isOnLoop) }.value
        loop.stop()
    }

    @Test("a loop can turn on a thread of the caller's until it is stopped")
    func runHere() async throws {
        let loop = try EventLoop()
        let ended = Watched(false)
        Thread.detachNewThread {
            loop.run()
            ended.update { $0 = true }
        }
        #expect(await Task(executorPreference: loop) { loop.isOnLoop }.value)
        loop.stop()
        #expect(await ended.wait(within: .seconds(10)) { $0 } == true)
        #expect(!loop.isOnLoop)
    }
}

private func isOn(_ loop: EventLoop) async -> Bool { loop.isOnLoop }

private final class Weak {
    weak var loop: EventLoop?
}

/// Lives on the loop; counts who came, and who came on another thread.
private actor Counter {
    private let loop: EventLoop
    private(set) var value = 0
    private(set) var strays = 0

    init(loop: EventLoop) { self.loop = loop }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    func increment() {
        value += 1
        if !loop.isOnLoop { strays += 1 }
    }
}

/// An actor that says nothing about executors.
private actor Plain {
    private(set) var visits = 0
    private(set) var strays = 0

    func visit(_ loop: EventLoop) {
        visits += 1
        if !loop.isOnLoop { strays += 1 }
    }
}

/// Lives on the loop; notes what happens in which order.
private actor Recorder {
    private let loop: EventLoop
    let notes = Watched<[String]>([])

    init(loop: EventLoop) { self.loop = loop }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Hands over three jobs within one job, so that they make up the next tick.
    func fillOneTick() {
        // The test waits for their notes.
        Task { putOff() }
        Task { note("second") }
        Task { note("third") }
    }

    private func note(_ text: String) { notes.update { $0.append(text) } }

    private func putOff() {
        note("first")
        loop.atEndOfTick { [loop, notes] in
            notes.update { $0.append("end of tick") }
            loop.atEndOfTick { notes.update { $0.append("put off from there") } }
        }
    }
}
