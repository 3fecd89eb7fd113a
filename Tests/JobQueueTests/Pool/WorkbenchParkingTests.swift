import JobQueue
import Testing

@Suite("Handlers with a limit", .timeLimit(.minutes(5)))
struct WorkbenchParkingTests {
    private let start = ManualClock.start

    private func after(_ seconds: Int) -> MonotonicTime { start.advanced(by: .seconds(seconds)) }

    /// Attempts of 10 s each at jobs of one handler, of which so many run at once.
    private func attempts(
        _ numbers: ClosedRange<UInt64>, most: Int?, queue: String = "default"
    ) -> [Attempt] {
        numbers.map {
            Sample.attempt(
                Sample.record("j\($0)", #""timeout_ms":10000"#), number: $0, queue: queue,
                handler: HandlerOptions(concurrency: most))
        }
    }

    private func numbers(_ attempts: [Attempt]) -> [UInt64] { attempts.map(\.token.number) }

    /// Takes up a claim as the runner does; returns the slots that were taken.
    private func take(_ attempts: [Attempt], _ bench: Workbench) throws -> [Int] {
        try #require(bench.start(bench.divide(attempts).starting, now: start))
    }

    @Test("what is over the limit takes no slot: as many as run are parked, the rest is put off")
    func divide() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        let division = bench.divide(attempts(1...7, most: 2))
        #expect(numbers(division.starting) == [1, 2])
        #expect(numbers(division.rest) == [5, 6, 7])
        #expect(!division.isOver)
        _ = bench.start(division.starting, now: start)
        #expect(bench.occupancy.busy == 2)
        #expect(bench.nextClaim(share: 0)?.count == 8)
    }

    @Test("what has no limit starts beside it")
    func others() {
        let bench = Workbench(options: Sample.options(slots: 10))
        let mixed = attempts(1...3, most: 1) + attempts(4...9, most: nil)
        let division = bench.divide(mixed)
        #expect(numbers(division.starting) == [1, 4, 5, 6, 7, 8, 9])
        #expect(numbers(division.rest) == [3])
    }

    @Test("no more than 64 are parked")
    func parkingLimit() {
        let bench = Workbench(options: Sample.options(slots: 300))
        let division = bench.divide(attempts(1...300, most: 100))
        #expect(division.starting.count == 100)
        #expect(division.rest.count == 136)
    }

    @Test(
        "a slot that the handler leaves is taken by the oldest that is parked, whose time runs then"
    )
    func succession() throws {
        let bench = Workbench(options: Sample.options(slots: 3))
        let slots = try take(attempts(1...4, most: 2), bench)
        let next = bench.vacate(slot: slots[0], with: nil, now: after(5))
        #expect(next?.token.number == 3)
        #expect(bench.occupancy.busy == 2)
        let look = bench.enforceDeadlines(now: after(10))
        #expect(bench.interruption(ofSlot: slots[0]) == nil)
        #expect(bench.interruption(ofSlot: slots[1]) == .timedOut)
        #expect(look.next == after(15))
        #expect(bench.vacate(slot: slots[1], with: nil, now: after(11))?.token.number == 4)
        #expect(bench.vacate(slot: slots[0], with: nil, now: after(12)) == nil)
        #expect(bench.vacate(slot: slots[1], with: nil, now: after(12)) == nil)
        #expect(bench.isIdle)
        // All that counted is over.
        #expect(try take(attempts(5...6, most: 2), bench).count == 2)
    }

    @Test("the outcome of a job whose slot is handed on gathers like others")
    func gathering() async throws {
        let bench = Workbench(options: Sample.options(slots: 3))
        let batch = attempts(1...2, most: 1)
        let slots = try take(batch, bench)
        let done = batch.map { $0.resolve(.succeeded, run: nil, unixMilliseconds: 0, jitter: 1) }
        _ = bench.vacate(slot: slots[0], with: done[0], now: start)
        await bench.gatherBell.wait()
        #expect(bench.takeFinished().isEmpty)
        _ = bench.vacate(slot: slots[0], with: done[1], now: start)
        #expect(bench.takeFinished().count == 2)
    }

    @Test("when the handler is replaced by one with another limit, what runs is counted on")
    func replaced() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        let slots = try take(attempts(1...6, most: 3), bench)
        #expect(bench.divide(attempts(7...7, most: 1)).starting.isEmpty)
        // Three run, and one may.
        #expect(bench.vacate(slot: slots[0], with: nil, now: start) == nil)
        #expect(bench.vacate(slot: slots[1], with: nil, now: start) == nil)
        #expect(bench.vacate(slot: slots[2], with: nil, now: start)?.token.number == 4)
        #expect(numbers(bench.divide(attempts(8...9, most: 2)).starting) == [8])
    }

    @Test("in a queue with a limit of its own nothing is parked")
    func limitedQueue() throws {
        var options = Sample.options(slots: 10, queues: "a,b")
        options.queueLimits = [Sample.queue("a"): 5]
        let bench = Workbench(options: options)
        #expect(
            numbers(bench.divide(attempts(1...3, most: 1, queue: "a")).rest) == [2, 3])
        #expect(
            numbers(bench.divide(attempts(4...5, most: 1, queue: "b")).rest) == [5])
    }

    @Test("at the end of claiming what is parked comes back, and nothing is parked any more")
    func endClaiming() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        let slots = try take(attempts(1...3, most: 2), bench)
        #expect(numbers(bench.endClaiming()) == [3])
        #expect(bench.endClaiming().isEmpty)
        let late = bench.divide(attempts(4...5, most: 2))
        #expect(numbers(late.rest) == [4, 5])
        #expect(late.isOver)
        for slot in slots {
            #expect(bench.vacate(slot: slot, with: nil, now: start) == nil)
        }
        #expect(bench.isIdle)
    }

    @Test("what is parked is taken back where it is asked for, and the rest keeps its order")
    func takeParked() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        let slots = try take(attempts(1...8, most: 4), bench)
        #expect(numbers(bench.takeParked { $0.token.number % 2 == 0 }) == [6, 8])
        #expect(bench.vacate(slot: slots[0], with: nil, now: start)?.token.number == 5)
        #expect(bench.vacate(slot: slots[1], with: nil, now: start)?.token.number == 7)
        #expect(bench.vacate(slot: slots[2], with: nil, now: start) == nil)
    }

    @Test("nothing waits for handlers alone that were told to stop, as they may never return")
    func stubborn() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        var slots = try take(attempts(1...1, most: 2), bench)
        slots += try #require(
            bench.start(bench.divide(attempts(2...3, most: 2)).starting, now: after(5)))
        #expect(bench.enforceDeadlines(now: after(10)).stuck.isEmpty)
        #expect(numbers(bench.enforceDeadlines(now: after(15)).stuck) == [3])
        #expect(numbers(bench.divide(attempts(4...4, most: 2)).rest) == [4])
        // One returns after all.
        _ = bench.vacate(slot: slots[0], with: nil, now: after(16))
        let division = bench.divide(attempts(5...6, most: 2))
        #expect(numbers(division.starting) == [5])
        #expect(division.rest.isEmpty)
    }

    @Test("after a stop nothing that is parked starts, and it is given up with what runs")
    func stop() throws {
        let bench = Workbench(options: Sample.options(slots: 10))
        let slots = try take(attempts(1...4, most: 2), bench)
        bench.stop()
        #expect(bench.vacate(slot: slots[0], with: nil, now: start) == nil)
        #expect(numbers(bench.giveUpAll()) == [2, 3, 4])
        _ = bench.vacate(slot: slots[1], with: nil, now: start)
        #expect(bench.isIdle)
    }
}
