import JobQueue
import Testing

@Suite("Interrupting what runs", .timeLimit(.minutes(5)))
struct WorkbenchInterruptionTests {
    private let start = ManualClock.start

    private func options(slots: Int = 4, killGrace: Duration = .seconds(10)) -> WorkerOptions {
        var options = Sample.options(slots: slots)
        options.killGrace = killGrace
        return options
    }

    /// An attempt that may take so long.
    private func attempt(_ number: UInt64, seconds: Int, queue: String = "default") -> Attempt {
        Sample.attempt(
            Sample.record("j\(number)", #""timeout_ms":\#(seconds * 1000)"#), number: number,
            queue: queue)
    }

    private func after(_ seconds: Int) -> MonotonicTime { start.advanced(by: .seconds(seconds)) }

    /// A task that waits until it is cancelled.
    private func cancellable() -> Task<Void, Never> {
        // Its end is its cancellation.
        Task { try? await Gate().pass() }
    }

    /// Has this task run the attempt.
    private func begin(_ attempt: Attempt, in task: Task<Void, Never>) {
        let runner = Runner()
        runner.runs(in: task)
        _ = attempt.control.begins(in: runner, at: start)
    }

    private func numbers(_ attempts: [Attempt]) -> [UInt64] { attempts.map(\.token.number) }

    // MARK: - Deadlines

    @Test("a job is told to stop when its time is over, not before, and no other is")
    func deadline() async throws {
        let bench = Workbench(options: options())
        let attempts = [attempt(1, seconds: 5), attempt(2, seconds: 60)]
        let slots = try #require(bench.start(attempts, now: start))
        let task = cancellable()
        begin(attempts[0], in: task)
        _ = attempts[1].control.begins(in: Runner(), at: start)

        var look = bench.enforceDeadlines(now: after(4))
        #expect(look.givenUp.isEmpty)
        #expect(look.next == after(5))
        #expect(bench.interruption(ofSlot: slots[0]) == nil)
        #expect(!task.isCancelled)

        look = bench.enforceDeadlines(now: after(5))
        #expect(look.givenUp.isEmpty)
        #expect(look.next == after(15))
        #expect(bench.interruption(ofSlot: slots[0]) == .timedOut)
        #expect(bench.interruption(ofSlot: slots[1]) == nil)
        await task.value
    }

    @Test("a job whose handler does not stop is given up after the grace, once")
    func giveUp() throws {
        let bench = Workbench(options: options())
        let slots = try #require(bench.run([attempt(1, seconds: 5)], now: start))
        // Looked at late: the grace counts from when it was told.
        _ = bench.enforceDeadlines(now: after(7))
        #expect(bench.enforceDeadlines(now: after(16)).givenUp.isEmpty)
        let look = bench.enforceDeadlines(now: after(17))
        #expect(numbers(look.givenUp) == [1])
        #expect(look.next == nil)
        #expect(bench.enforceDeadlines(now: after(18)).givenUp.isEmpty)
        #expect(bench.occupancy.busy == 1)
        #expect(bench.interruption(ofSlot: slots[0]) == .timedOut)
    }

    @Test("without a grace a job is given up as soon as its time is over")
    func noGrace() throws {
        let bench = Workbench(options: options(killGrace: .zero))
        _ = bench.run([attempt(1, seconds: 5)], now: start)
        #expect(numbers(bench.enforceDeadlines(now: after(5)).givenUp) == [1])
    }

    @Test("what a job that was given up brings later is dropped, and only then its slot is free")
    func lateResult() throws {
        let bench = Workbench(options: options(slots: 1, killGrace: .zero))
        let attempt = attempt(1, seconds: 5)
        let slots = try #require(bench.run([attempt], now: start))
        _ = bench.enforceDeadlines(now: after(5))
        #expect(bench.nextClaim(share: 0) == nil)
        bench.vacate(
            slot: slots[0],
            with: attempt.resolve(.succeeded, run: nil, unixMilliseconds: 0, jitter: 1))
        #expect(bench.takeFinished().isEmpty)
        #expect(bench.isIdle)
        #expect(bench.nextClaim(share: 0)?.count == 1)
    }

    @Test("an earlier deadline than those before rings, a later one does not move the next look")
    func deadlineBell() async throws {
        let bench = Workbench(options: options())
        _ = bench.run([attempt(1, seconds: 60)], now: start)
        await bench.deadlineBell.wait()
        #expect(bench.enforceDeadlines(now: start).next == after(60))
        _ = bench.run([attempt(2, seconds: 90)], now: start)
        #expect(bench.enforceDeadlines(now: start).next == after(60))
        _ = bench.run([attempt(3, seconds: 30)], now: start)
        await bench.deadlineBell.wait()
        #expect(bench.enforceDeadlines(now: start).next == after(30))
    }

    @Test("without jobs there is nothing to look at")
    func noJobs() {
        let look = Workbench(options: options()).enforceDeadlines(now: start)
        #expect(look.givenUp.isEmpty)
        #expect(look.next == nil)
    }

    // MARK: - Interrupting

    @Test("only what a reason is given for is interrupted")
    func interrupt() async throws {
        let bench = Workbench(options: options())
        let attempts = [attempt(1, seconds: 5, queue: "a"), attempt(2, seconds: 5, queue: "b")]
        let slots = try #require(bench.start(attempts, now: start))
        let tasks = [cancellable(), cancellable()]
        for (attempt, task) in zip(attempts, tasks) { begin(attempt, in: task) }
        bench.interrupt { $0.job.queue.description == "a" ? .leaseLost : nil }
        await tasks[0].value
        #expect(bench.interruption(ofSlot: slots[0]) == .leaseLost)
        #expect(bench.interruption(ofSlot: slots[1]) == nil)
        #expect(!tasks[1].isCancelled)
        tasks[1].cancel()
    }

    @Test("a job that is interrupted before its task is known is cancelled when it becomes known")
    func interruptedEarly() async throws {
        let bench = Workbench(options: options())
        let attempt = attempt(1, seconds: 5)
        _ = bench.start([attempt], now: start)
        bench.interrupt { _ in .released(reason: "x") }
        let task = cancellable()
        begin(attempt, in: task)
        await task.value
        #expect(task.isCancelled)
    }

    @Test("a runner that is known before its task has it cancelled when that becomes known")
    func interruptedBeforeTheTask() async throws {
        let bench = Workbench(options: options())
        let attempt = attempt(1, seconds: 5)
        _ = bench.start([attempt], now: start)
        let runner = Runner()
        _ = attempt.control.begins(in: runner, at: start)
        bench.interrupt { _ in .released(reason: "x") }
        let task = cancellable()
        runner.runs(in: task)
        await task.value
        #expect(task.isCancelled)
        let isSpent = attempt.control.ends()
        #expect(isSpent)
    }

    @Test("a runner that has left an attempt is not cancelled with it, and runs others")
    func interruptedLate() throws {
        let bench = Workbench(options: options())
        let attempt = attempt(1, seconds: 5)
        _ = bench.start([attempt], now: start)
        let task = cancellable()
        defer { task.cancel() }
        begin(attempt, in: task)
        let isSpent = attempt.control.ends()
        #expect(!isSpent)
        bench.interrupt { _ in .leaseLost }
        #expect(!task.isCancelled)
    }

    @Test("the first reason stands, except that a lost lease outweighs all")
    func order() throws {
        let bench = Workbench(options: options())
        let slots = try #require(bench.run([attempt(1, seconds: 5)], now: start))
        _ = bench.enforceDeadlines(now: after(5))
        bench.interrupt { _ in .released(reason: "x") }
        #expect(bench.interruption(ofSlot: slots[0]) == .timedOut)
        bench.interrupt { _ in .leaseLost }
        #expect(bench.interruption(ofSlot: slots[0]) == .leaseLost)
        bench.interrupt { _ in .released(reason: "x") }
        #expect(bench.interruption(ofSlot: slots[0]) == .leaseLost)
        // Its time is over, but there is nothing to write about it.
        #expect(bench.enforceDeadlines(now: after(100)).givenUp.isEmpty)
    }

    // MARK: - Stopping

    @Test("a stop interrupts all that runs, and lets nothing more start")
    func stop() async throws {
        let bench = Workbench(options: options())
        let running = attempt(1, seconds: 5)
        let slots = try #require(bench.start([running], now: start))
        let task = cancellable()
        begin(running, in: task)
        bench.stop()
        await task.value
        #expect(bench.interruption(ofSlot: slots[0]) == .released(reason: Workbench.stopReason))
        #expect(bench.start([attempt(2, seconds: 5)], now: start) == nil)
    }

    @Test("at the end all that runs is given up, except what is others' already")
    func giveUpAll() throws {
        let bench = Workbench(options: options(killGrace: .zero))
        let slots = try #require(
            bench.run(
                [
                    attempt(1, seconds: 60), attempt(2, seconds: 60, queue: "lost"),
                    attempt(3, seconds: 5),
                ], now: start))
        bench.interrupt { $0.job.queue.description == "lost" ? .leaseLost : nil }
        #expect(numbers(bench.enforceDeadlines(now: after(5)).givenUp) == [3])
        #expect(numbers(bench.giveUpAll()) == [1])
        #expect(bench.giveUpAll().isEmpty)
        for slot in slots { bench.vacate(slot: slot, with: nil) }
        #expect(bench.isIdle)
    }
}
