import JobQueue
import Testing

@Suite("The workbench", .timeLimit(.minutes(5)))
struct WorkbenchTests {
    private let now = ManualClock.start

    private func attempts(_ numbers: ClosedRange<UInt64>) -> [Attempt] {
        numbers.map { Sample.attempt(Sample.record("j\($0)"), number: $0) }
    }

    private func done(_ attempt: Attempt) -> FinishedAttempt? {
        attempt.resolve(.succeeded, run: nil, unixMilliseconds: 0, jitter: 1)
    }

    /// Asks for the next claim, and says at once that it is over.
    private func claim(_ bench: Workbench, share: Double = 0) -> Workbench.ClaimOrder? {
        let order = bench.nextClaim(share: share)
        if let order { bench.claimIsOver(order) }
        return order
    }

    /// The same, as the queue's index and the count.
    private func order(_ bench: Workbench) -> [Int] {
        claim(bench).map { [$0.queueIndex, $0.count] } ?? []
    }

    // MARK: - Slots

    @Test("a claim asks for as many jobs as slots are free")
    func freeSlots() throws {
        let bench = Workbench(options: Sample.options(slots: 3))
        #expect(claim(bench)?.count == 3)
        let batch = attempts(1...2)
        let numbers = try #require(bench.start(batch, now: now))
        #expect(claim(bench)?.count == 1)
        _ = bench.start(attempts(3...3), now: now)
        #expect(claim(bench) == nil)
        bench.vacate(slot: numbers[0], with: nil)
        bench.vacate(slot: numbers[1], with: nil)
        #expect(claim(bench)?.count == 2)
    }

    @Test("no claim asks for more than 500, however many slots there are")
    func claimLimit() {
        #expect(claim(Workbench(options: Sample.options(slots: 10_000)))?.count == 500)
    }

    @Test("a slot holds one attempt, whatever comes and goes")
    func neverTwice() throws {
        let random = RandomSource.seeded(99)
        let bench = Workbench(options: Sample.options(slots: 7))
        let attempt = Sample.attempt()
        var busy: Set<Int> = []
        for _ in 0..<5_000 {
            let free = 7 - busy.count
            if random.share < 0.5, free > 0 {
                let count = Int(random.bits() % UInt64(free)) + 1
                let batch = Array(repeating: attempt, count: count)
                let taken = try #require(bench.start(batch, now: now))
                #expect(Set(taken).count == taken.count)
                #expect(busy.isDisjoint(with: taken))
                busy.formUnion(taken)
            } else if let slot = busy.randomElement() {
                busy.remove(slot)
                bench.vacate(slot: slot, with: nil)
            }
            #expect(bench.occupancy == (busy.count, 7))
            #expect(claim(bench)?.count == (busy.count == 7 ? nil : 7 - busy.count))
        }
    }

    @Test("a queue that had nothing is not asked again until it may have something")
    func watchedQueue() async {
        let bench = Workbench(options: Sample.options(queues: "a,b"))
        #expect(claim(bench)?.queueIndex == 0)
        bench.watch(queueAt: 0)
        await bench.watchBells[0].wait()
        #expect(bench.isWatched(queueAt: 0))
        #expect(!bench.isWatched(queueAt: 1))
        #expect(claim(bench)?.queueIndex == 1)
        bench.watch(queueAt: 1)
        #expect(claim(bench) == nil)
        bench.markReady(queueAt: 0)
        await bench.claimBell.wait()
        #expect(claim(bench)?.queueIndex == 0)
    }

    @Test("queues by weight are asked by chance")
    func weights() {
        let bench = Workbench(options: Sample.options(queues: "a:3,b:1"))
        #expect(claim(bench, share: 0.7)?.queueIndex == 0)
        #expect(claim(bench, share: 0.8)?.queueIndex == 1)
    }

    @Test("a queue with a limit of its own is asked for no more than that")
    func queueLimit() throws {
        var options = Sample.options(slots: 5, queues: "a,b")
        options.queueLimits = [Sample.queue("a"): 2]
        let bench = Workbench(options: options)
        #expect(order(bench) == [0, 2])
        let first = try #require(bench.start([Sample.attempt(queue: "a")], now: now))
        #expect(order(bench) == [0, 1])
        _ = bench.start([Sample.attempt(number: 2, queue: "a")], now: now)
        // Its slots are taken: the others are the other queue's.
        #expect(order(bench) == [1, 3])
        _ = bench.start((3...5).map { Sample.attempt(number: $0, queue: "b") }, now: now)
        #expect(claim(bench) == nil)
        bench.vacate(slot: first[0], with: nil)
        #expect(order(bench) == [0, 1])
    }

    // MARK: - Jobs that come along with a wake-up

    @Test("a few may come along: as many as slots are free, and as their queue may have")
    func beginWait() throws {
        var options = Sample.options(slots: 6, queues: "a,b")
        options.queueLimits = [Sample.queue("b"): 2]
        let bench = Workbench(options: options)
        #expect(bench.beginWait(queueAt: 0) == Workbench.wakeUpLimit)
        #expect(bench.beginWait(queueAt: 1) == 2)
        _ = bench.start((1...4).map { Sample.attempt(number: $0, queue: "a") }, now: now)
        #expect(bench.beginWait(queueAt: 0) == 2)
        _ = bench.start((5...6).map { Sample.attempt(number: $0, queue: "b") }, now: now)
        #expect(bench.beginWait(queueAt: 0) == 0)
        #expect(bench.beginWait(queueAt: 1) == 0)
    }

    @Test("what came along gets slots that no claim has ordered, and none in a drain")
    func admit() throws {
        let bench = Workbench(options: Sample.options(slots: 3))
        #expect(bench.admit(4, queueAt: 0).count == 3)
        let other = Workbench(options: Sample.options(slots: 3))
        let few = other.admit(2, queueAt: 0)
        let claim = try #require(other.nextClaim(share: 0))
        #expect((few.count, claim.count) == (2, 1))
        #expect(other.admit(1, queueAt: 0).count == 0)
        other.claimIsOver(claim)
        #expect(other.admit(2, queueAt: 0).count == 1)
        other.claimIsOver(few)
        other.endClaiming()
        #expect(other.admit(1, queueAt: 0).count == 0)
    }

    @Test("it is not settled while a wait may still bring jobs, and nothing comes along in a drain")
    func waits() async {
        let bench = Workbench(options: Sample.options())
        #expect(bench.beginWait(queueAt: 0) > 0)
        #expect(!bench.isSettled)
        bench.endClaiming()
        #expect(bench.beginWait(queueAt: 0) == 0)
        bench.waitIsOver()
        #expect(!bench.isSettled)
        bench.waitIsOver()
        #expect(bench.isSettled)
        await bench.idleBell.wait()
    }

    // MARK: - Gathering

    @Test("the outcomes of jobs that started together are written together")
    func gather() throws {
        let bench = Workbench(options: Sample.options(slots: 4))
        let batch = attempts(1...3)
        let slots = try #require(bench.start(batch, now: now))
        for index in 0..<2 {
            bench.vacate(slot: slots[index], with: done(batch[index]))
            #expect(bench.takeFinished().isEmpty)
            // The next claim leaves with them.
            #expect(claim(bench) == nil)
        }
        bench.vacate(slot: slots[2], with: done(batch[2]))
        #expect(claim(bench)?.count == 4)
        #expect(bench.takeFinished().map(\.finish.token.number) == [1, 2, 3])
        #expect(bench.takeFinished().isEmpty)
    }

    @Test("jobs that are over before their whole batch has started wait for the others")
    func gatherWhileStarting() async throws {
        let bench = Workbench(options: Sample.options(slots: 4))
        let batch = attempts(1...3)
        bench.beginBatch()
        let slots = try #require(bench.occupy(Array(batch[..<2]), now: now))
        for index in 0..<2 { bench.vacate(slot: slots[index], with: done(batch[index])) }
        #expect(bench.takeFinished().isEmpty)
        let last = try #require(bench.occupy([batch[2]], now: now))
        bench.endBatch()
        #expect(bench.takeFinished().isEmpty)
        bench.vacate(slot: last[0], with: done(batch[2]))
        await bench.flushBell.wait()
        #expect(bench.takeFinished().count == 3)
    }

    @Test("a batch that was over before all of it was started is written then")
    func gatherUntilStarted() async throws {
        let bench = Workbench(options: Sample.options(slots: 4))
        let batch = attempts(1...2)
        bench.beginBatch()
        let slots = try #require(bench.occupy(batch, now: now))
        for index in 0..<2 { bench.vacate(slot: slots[index], with: done(batch[index])) }
        #expect(bench.takeFinished().isEmpty)
        bench.endBatch()
        await bench.flushBell.wait()
        #expect(bench.takeFinished().count == 2)
    }

    @Test("64 outcomes do not wait for more")
    func gatherLimit() async throws {
        let bench = Workbench(options: Sample.options(slots: 100))
        let batch = attempts(1...100)
        let slots = try #require(bench.start(batch, now: now))
        for index in 0..<63 { bench.vacate(slot: slots[index], with: done(batch[index])) }
        #expect(bench.takeFinished().isEmpty)
        bench.vacate(slot: slots[63], with: done(batch[63]))
        await bench.flushBell.wait()
        #expect(bench.takeFinished().count == 64)
    }

    @Test(
        "an outcome waits for others for a short time only, and later ones of its batch not at all")
    func gatherTime() async throws {
        let bench = Workbench(options: Sample.options(slots: 4))
        let batch = attempts(1...3)
        let slots = try #require(bench.start(batch, now: now))
        bench.vacate(slot: slots[0], with: done(batch[0]))
        await bench.gatherBell.wait()
        bench.endGathering()
        await bench.flushBell.wait()
        #expect(bench.takeFinished().count == 1)
        #expect(claim(bench)?.count == 2)
        bench.vacate(slot: slots[1], with: done(batch[1]))
        #expect(bench.takeFinished().count == 1)
    }

    @Test("a job alone in its batch is not held up by long ones of other batches")
    func aloneAmongLong() async throws {
        let bench = Workbench(options: Sample.options(slots: 4))
        _ = bench.start(attempts(1...3), now: now)
        let short = attempts(4...4)
        let slots = try #require(bench.start(short, now: now))
        bench.vacate(slot: slots[0], with: done(short[0]))
        await bench.flushBell.wait()
        #expect(bench.takeFinished().count == 1)
        #expect(claim(bench)?.count == 1)
    }

    @Test("a long job of an older batch waits for the time to gather, and no longer")
    func longAmongOthers() async throws {
        let bench = Workbench(options: Sample.options(slots: 4))
        let old = attempts(1...1)
        let slots = try #require(bench.start(old, now: now))
        _ = bench.start(attempts(2...3), now: now)
        bench.vacate(slot: slots[0], with: done(old[0]))
        #expect(bench.takeFinished().isEmpty)
        await bench.gatherBell.wait()
        bench.endGathering()
        #expect(bench.takeFinished().count == 1)
    }

    @Test("the end of a record that cannot run waits no longer, though its neighbours run on")
    func endsWithoutSlot() async throws {
        let bench = Workbench(options: Sample.options(slots: 4))
        _ = bench.start(attempts(1...2), now: now)
        bench.add([try #require(done(Sample.attempt(number: 3)))])
        await bench.gatherBell.wait()
        bench.endGathering()
        #expect(bench.takeFinished().count == 1)
        #expect(claim(bench)?.count == 2)
    }

    @Test("the end of a record that cannot run is written at once when no job runs")
    func endsAlone() async throws {
        let bench = Workbench(options: Sample.options())
        bench.add([try #require(done(Sample.attempt()))])
        await bench.flushBell.wait()
        #expect(bench.takeFinished().count == 1)
    }

    // MARK: - Backlog

    @Test("while outcomes cannot be written nothing more is claimed, from a bound on")
    func backlog() async throws {
        let bench = Workbench(options: Sample.options(slots: 3))
        // Two for each slot, and a batch of 64.
        let bound = 2 * 3 + 64
        let outcome = try #require(done(Sample.attempt()))
        bench.add(Array(repeating: outcome, count: bound - 1))
        #expect(claim(bench) != nil)
        bench.add([outcome])
        #expect(claim(bench) == nil)
        // What was taken and not answered counts as before.
        #expect(bench.takeFinished().count == bound)
        #expect(claim(bench) == nil)
        _ = bench.settled([outcome], stuck: [])
        await bench.claimBell.wait()
        #expect(claim(bench) != nil)
    }

    @Test("it is idle when no job runs, no claim is open and no outcome waits")
    func idle() async throws {
        let bench = Workbench(options: Sample.options())
        #expect(bench.isIdle)
        let order = try #require(bench.nextClaim(share: 0))
        #expect(!bench.isIdle)
        #expect(!bench.isSettled)
        let batch = attempts(1...1)
        let slots = try #require(bench.start(batch, now: now))
        bench.claimIsOver(order)
        #expect(!bench.isIdle)
        #expect(bench.isSettled)
        bench.vacate(slot: slots[0], with: done(batch[0]))
        #expect(!bench.isIdle)
        #expect(!bench.isSettled)
        let taken = bench.takeFinished()
        #expect(taken.count == 1)
        #expect(!bench.isIdle)
        #expect(!bench.isSettled)
        _ = bench.settled(taken, stuck: [])
        #expect(bench.isIdle)
        #expect(bench.isSettled)
        await bench.idleBell.wait()
    }

    @Test("after the end of claiming no claim is ordered, not even with free slots")
    func endClaiming() {
        let bench = Workbench(options: Sample.options())
        bench.endClaiming()
        #expect(bench.nextClaim(share: 0) == nil)
        #expect(bench.isIdle)
    }
}
