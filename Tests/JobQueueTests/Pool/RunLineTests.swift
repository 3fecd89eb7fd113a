import TestSupport
import Testing

@testable import JobQueue

@Suite("Attempts that wait for a thread")
struct RunLineTests {
    private let line = RunLine()

    private func add(_ slots: ClosedRange<Int>) -> Bool {
        line.add(slots.map { (Sample.attempt(number: UInt64($0)), $0) })
    }

    @Test("one runner is sent for, however many wait; who takes one of several sends for the next")
    func chain() {
        #expect(add(1...2))
        #expect(!add(3...3))
        #expect(line.arrive()?.needsRunner == true)
        #expect(line.arrive()?.needsRunner == true)
        #expect(line.arrive()?.needsRunner == false)
        #expect(line.arrive() == nil)
        #expect(add(4...4))
    }

    @Test("a runner that goes on sends for nobody while somebody comes")
    func goingOn() {
        #expect(add(1...4))
        #expect(line.arrive()?.needsRunner == true)
        #expect(line.next()?.needsRunner == false)
        #expect(line.arrive()?.needsRunner == true)
        #expect(line.next()?.needsRunner == false)
        #expect(line.next() == nil)
        // The last one that was sent for comes in vain, and then others can be.
        #expect(!add(5...5))
        #expect(line.arrive()?.needsRunner == false)
        #expect(add(6...6))
    }

    @Test("they are taken in order, the line's end and beginning included")
    func order() {
        var taken: [Int] = []
        _ = add(1...3)
        taken.append(line.next()?.slot ?? 0)
        _ = add(4...5)
        while let turn = line.next() {
            #expect(turn.attempt.token.number == UInt64(turn.slot))
            taken.append(turn.slot)
        }
        _ = add(6...7)
        while let turn = line.next() { taken.append(turn.slot) }
        #expect(taken == Array(1...7))
    }

    @Test("what was taken is not held, however long the line is")
    func memory() {
        weak var first: Attempt?
        do {
            let attempt = Sample.attempt()
            first = attempt
            _ = line.add([(attempt, 1)])
        }
        _ = add(2...100)
        #expect(first != nil)
        _ = line.next()
        #expect(first == nil)
        #expect(line.next()?.slot == 2)
    }

    @Test("a handler that cancels its own task cancels no other job", .timeLimit(.minutes(5)))
    func cancelledByItself() async throws {
        let cancelled = Changing(0)
        let bench = WorkerBench(Sample.options(slots: 50)) { _, context in
            if context.isCancelled { cancelled.update { $0 += 1 } }
            withUnsafeCurrentTask { $0?.cancel() }
        }
        bench.broker.push((1...500).map { "j\($0)" })
        try await bench.run(gathersAtOnce: true) { bench in
            try await bench.broker.expectJobs("all are done") { $0.doneIDs.count == 500 }
        }
        #expect(cancelled.value == 0)
    }
}
