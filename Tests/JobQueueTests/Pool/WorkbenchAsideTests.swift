import JobQueue
import Testing

@Suite("Handlers with a limit", .timeLimit(.minutes(5)))
struct WorkbenchAsideTests {
    private let start = ManualClock.start
    private let work = Sample.type("work")

    private func after(_ seconds: Int) -> MonotonicTime { start.advanced(by: .seconds(seconds)) }

    /// Attempts at jobs of one handler, of which so many run at once.
    private func attempts(
        _ numbers: ClosedRange<UInt64>, most: Int?, queue: String = "default", _ more: String = ""
    ) -> [Attempt] {
        numbers.map {
            Sample.attempt(
                Sample.record("j\($0)", more), number: $0, queue: queue,
                handler: HandlerOptions(concurrency: most))
        }
    }

    private func numbers(_ attempts: [Attempt]) -> [UInt64] { attempts.map(\.token.number) }

    /// Where jobs go that do not start.
    private func places(_ admission: Workbench.Admission) -> [PutBack] {
        admission.aside.compactMap {
            if case .putBack(let place) = $0.finish.outcome { place } else { nil }
        }
    }

    /// Takes up what a claim brought.
    private func take(
        _ attempts: [Attempt], _ bench: Workbench, of order: Workbench.ClaimOrder? = nil
    ) throws -> Workbench.Admission {
        bench.beginBatch()
        defer { bench.endBatch() }
        let order = order ?? Workbench.ClaimOrder(queueIndex: 0, count: attempts.count)
        return try #require(bench.takeUp(attempts, of: order, now: start))
    }

    /// The broker has so many jobs aside, and the worker knows.
    private func putAside(_ count: Int, most: Int?, _ bench: Workbench) throws {
        let limit = most.map { HandlerLimit(pattern: JobTypePattern(work), most: $0) }
        bench.learn([(work, limit)], in: .default)
    }

    @Test("what is over the limit takes no slot, and goes aside in its order")
    func takeUp() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        let admission = try take(attempts(1...5, most: 2), bench)
        #expect(numbers(admission.starting) == [1, 2])
        #expect(admission.aside.map(\.finish.token.number) == [3, 4, 5])
        #expect(places(admission) == [.aside(work), .aside(work), .aside(work)])
        #expect(admission.aside.allSatisfy { $0.event == nil })
        #expect(bench.occupancy.busy == 2)
        #expect(bench.nextClaim()?.count == 8)
    }

    @Test("while it runs as many as it may, nobody asks for what waits aside")
    func saturated() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        let admission = try take(attempts(1...3, most: 1), bench)
        bench.areAside([(.default, work), (.default, work)])
        for _ in 0..<3 {
            let order = try #require(bench.nextClaim())
            #expect(order.source == .pending)
            bench.claimIsOver(order)
        }
        bench.watch(queueAt: 0)
        #expect(bench.nextClaim() == nil)
        // A place is free: as many are asked for as there are places.
        bench.vacate(slot: admission.slots[0], with: nil)
        let order = try #require(bench.nextClaim())
        #expect(order.source == .aside(work))
        #expect(order.count == 1)
        #expect(bench.nextClaim() == nil, "the place is kept for what was asked for")
        #expect(numbers(try take(attempts(2...2, most: 1), bench, of: order).starting) == [2])
        bench.claimIsOver(order)
        #expect(bench.nextClaim() == nil)
    }

    @Test("the broker is not asked for what is still on its way there")
    func onItsWay() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        let admission = try take(attempts(1...2, most: 1), bench)
        bench.watch(queueAt: 0)
        bench.vacate(slot: admission.slots[0], with: nil)
        #expect(bench.nextClaim() == nil)
        bench.areAside([(.default, work)])
        #expect(bench.nextClaim()?.source == .aside(work))
    }

    @Test("an empty answer from before a job arrived there does not hide it")
    func overtaken() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        try putAside(1, most: 1, bench)
        bench.watch(queueAt: 0)
        let order = try #require(bench.nextClaim())
        #expect(places(try take(attempts(1...1, most: 1), bench)) == [.aside(work)])
        bench.areAside([(.default, work)])
        bench.note(order, rest: .empty, isInVain: false)
        bench.claimIsOver(order)
        let next = try #require(bench.nextClaim())
        #expect(next.source == .aside(work))
        bench.note(next, rest: .empty, isInVain: false)
        bench.claimIsOver(next)
        #expect(bench.nextClaim() == nil)
    }

    @Test("jobs of a type that come while others wait aside go behind them, whatever place is free")
    func inOrder() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        try putAside(1, most: 4, bench)
        #expect(places(try take(attempts(1...2, most: 4), bench)) == [.aside(work), .aside(work)])
        // What comes back from a lost worker is older.
        let old = try take(attempts(3...3, most: 4, #""lost":1"#), bench)
        #expect(places(old) == [.asideFirst(work)])
    }

    @Test("what comes from there and may not run after all goes back to the head")
    func lowered() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        try putAside(3, most: 3, bench)
        bench.watch(queueAt: 0)
        let order = try #require(bench.nextClaim())
        #expect(order.count == 3)
        let admission = try take(attempts(1...3, most: 1), bench, of: order)
        #expect(numbers(admission.starting) == [1])
        #expect(places(admission) == [.asideFirst(work), .asideFirst(work)])
    }

    @Test("when the handler is replaced by one with another limit, what runs is counted on")
    func replaced() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        let slots = try take(attempts(1...3, most: 3), bench).slots
        #expect(try take(attempts(4...4, most: 1), bench).starting.isEmpty)
        bench.areAside([(.default, work)])
        bench.watch(queueAt: 0)
        // Three run, and one may.
        bench.setLimits { HandlerLimit(pattern: JobTypePattern($0), most: 1) }
        for slot in slots.dropLast() { bench.vacate(slot: slot, with: nil) }
        #expect(bench.nextClaim() == nil)
        bench.setLimits { _ in nil }
        #expect(bench.nextClaim()?.source == .aside(work))
    }

    @Test("what waits aside without a limit, or without a handler, is asked for at once")
    func withoutLimit() throws {
        let bench = Workbench(options: Sample.options(slots: 3))
        try putAside(5, most: nil, bench)
        bench.watch(queueAt: 0)
        #expect(bench.nextClaim()?.count == 3)
    }

    @Test("jobs that wait aside and those of the line have their turns")
    func turns() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        try putAside(100, most: 100, bench)
        let sources = try (0..<4).map { _ in
            let order = try #require(bench.nextClaim())
            bench.note(order, rest: .more, isInVain: false)
            bench.claimIsOver(order)
            return order.source
        }
        #expect(sources == [.aside(work), .pending, .aside(work), .pending])
    }

    @Test("types of one handler have their turns")
    func types() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        let pattern = try #require(JobTypePattern("report:*"))
        let types = ["report:a", "report:b", "report:c"].map(Sample.type)
        bench.learn(types.map { ($0, HandlerLimit(pattern: pattern, most: 1)) }, in: .default)
        bench.watch(queueAt: 0)
        let asked = try (0..<4).map { _ in
            let order = try #require(bench.nextClaim())
            bench.note(order, rest: .more, isInVain: false)
            bench.claimIsOver(order)
            return order.source
        }
        #expect(asked == [types[0], types[1], types[2], types[0]].map { .aside($0) })
    }

    @Test(
        "of very many types a hundred are kept in mind, and the broker is asked for more after them"
    )
    func manyTypes() async throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        let pattern = try #require(JobTypePattern("report:*"))
        let limit = HandlerLimit(pattern: pattern, most: 1)
        bench.learn((0..<1_000).map { (Sample.type("report:\($0)"), limit) }, in: .default)
        bench.watch(queueAt: 0)
        var asked = 0
        while let order = bench.nextClaim() {
            asked += 1
            bench.note(order, rest: .empty, isInVain: false)
            bench.claimIsOver(order)
        }
        #expect(asked == 100)
        await bench.asideBell.wait()
    }

    @Test(
        "a queue's own limit holds for what waits aside and what comes along with a wake-up together"
    )
    func limitedQueue() throws {
        var options = Sample.options(slots: 10)
        options.queueLimits = [.default: 1]
        let bench = Workbench(options: options)
        try putAside(1, most: 5, bench)
        bench.watch(queueAt: 0)
        let order = try #require(bench.nextClaim())
        #expect(order.count == 1)
        #expect(bench.beginWait(queueAt: 0) == 0)
        #expect(bench.admit(1, queueAt: 0).count == 0)
    }

    @Test("in a paused queue nothing of it is asked for until it may have been resumed")
    func paused() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        try putAside(1, most: 5, bench)
        bench.watch(queueAt: 0)
        #expect(!bench.awaitsResume)
        let order = try #require(bench.nextClaim())
        bench.note(order, rest: .paused, isInVain: false)
        bench.claimIsOver(order)
        #expect(bench.nextClaim() == nil)
        #expect(bench.awaitsResume)
        bench.retryPaused()
        #expect(bench.nextClaim()?.source == .aside(work))
    }

    @Test("a claim that brought nothing to run leaves the turn to the next queue, once")
    func yields() throws {
        let bench = Workbench(options: Sample.options(slots: 10, queues: "a,b"))
        func claim(inVain: Bool) throws -> Int {
            let order = try #require(bench.nextClaim())
            bench.note(order, rest: .more, isInVain: inVain)
            bench.claimIsOver(order)
            return order.queueIndex
        }
        #expect(try claim(inVain: true) == 0)
        #expect(try claim(inVain: false) == 1)
        #expect(try claim(inVain: false) == 1)
        bench.watch(queueAt: 1)
        #expect(try claim(inVain: true) == 0)
        #expect(try claim(inVain: true) == 0)
    }

    @Test("a job that its handler has not begun with rests aside, and its type with it")
    func rests() async throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        let attempt = attempts(1...1, most: nil)[0]
        let slots = try take([attempt], bench).slots
        let back = try #require(
            attempt.resolve(
                .putOff(.seconds(3), reason: "x"), run: nil, unixMilliseconds: 0, jitter: 1)
        )
        bench.vacate(slot: slots[0], putOff: back, rest: .seconds(3), now: start)
        #expect(bench.takeFinished().count == 1)
        bench.areAside([(.default, work)])
        bench.watch(queueAt: 0)
        #expect(bench.nextClaim(share: 0, now: after(2)) == nil)
        #expect(places(try take(attempts(2...2, most: nil), bench)) == [.aside(work)])
        await bench.deadlineBell.wait()
        #expect(bench.enforceDeadlines(now: start).next == after(3))
        #expect(bench.nextClaim(share: 0, now: after(3))?.source == .aside(work))
    }

    // MARK: - Threads

    @Test("a job that no thread begins with goes back, and takes no more time than that")
    func noThread() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        let waits = attempts(1...2, most: nil) + attempts(3...3, most: 1)
        let slots = try take(waits, bench).slots
        _ = waits[0].control.begins(in: Runner(), at: start)
        let limit = start.advanced(by: Workbench.longestWaitForThread)
        #expect(bench.enforceDeadlines(now: start).next == limit)
        let look = bench.enforceDeadlines(now: limit)
        #expect(
            look.notBegun.map(\.finish.outcome)
                == [.putBack(.pending), .putBack(.asideFirst(work))])
        #expect(
            look.notBegun.compactMap { $0.event?.kind }
                == Array(repeating: .released(reason: Workbench.noThreadReason), count: 2))
        #expect(bench.occupancy.busy == 1)
        // Whoever comes to it later finds that it is gone.
        let begins = waits[1].control.begins(in: Runner(), at: limit)
        #expect(!begins)
        #expect(bench.interruption(ofSlot: slots[1]) == nil)
    }

    @Test("then nothing is claimed until a thread is free, and one at a time for a while")
    func shortOfThreads() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        _ = try take(attempts(1...2, most: nil), bench)
        let limit = start.advanced(by: Workbench.longestWaitForThread)
        _ = bench.enforceDeadlines(now: limit)
        #expect(bench.nextClaim(share: 0, now: limit) == nil)
        #expect(bench.beginWait(queueAt: 0) == 0)
        bench.noteThread(now: limit)
        let order = try #require(bench.nextClaim(share: 0, now: limit))
        #expect(order.count == 1)
        bench.claimIsOver(order)
        let next = attempts(3...3, most: nil)
        _ = try take(next, bench)
        #expect(bench.nextClaim(share: 0, now: limit) == nil, "one waits for a thread already")
        _ = next[0].control.begins(in: Runner(), at: limit)
        #expect(bench.nextClaim(share: 0, now: limit)?.count == 1)
        let later = limit.advanced(by: Workbench.shortageOfThreads)
        #expect(bench.nextClaim(share: 0, now: later)?.count == 8)
    }

    @Test("a job's time runs from when a thread begins with it")
    func timeRunsFromTheStart() throws {
        let bench = Workbench(options: Sample.options(slots: 1))
        let attempt = Sample.attempt(Sample.record("j", #""timeout_ms":1000"#))
        let slots = try take([attempt], bench).slots
        let begin = start.advanced(by: .milliseconds(400))
        _ = attempt.control.begins(in: Runner(), at: begin)
        #expect(bench.enforceDeadlines(now: after(1)).next == begin.advanced(by: .seconds(1)))
        #expect(bench.interruption(ofSlot: slots[0]) == nil)
        // The handler itself has only waited until then.
        attempt.control.restarts(at: after(1))
        #expect(bench.enforceDeadlines(now: begin.advanced(by: .seconds(1))).next == after(2))
        _ = bench.enforceDeadlines(now: after(2))
        #expect(bench.interruption(ofSlot: slots[0]) == .timedOut)
    }
}
