import JobQueue
import Testing

@testable import JobDaemon

@Suite("Lines that wait to be written")
struct LogQueueTests {
    private func line(_ message: String) -> LogRecord { LogRecord(level: .info, message: message) }

    @Test("lines come out in the order in which they went in")
    func order() {
        var queue = LogQueue()
        queue.add(line("1"))
        queue.add(line("2"))
        #expect(queue.next() == .record(line("1")))
        queue.add(line("3"))
        #expect(queue.next() == .record(line("2")))
        #expect(queue.next() == .record(line("3")))
        #expect(queue.next() == nil)
    }

    @Test("what does not fit is dropped and counted, and the next line that fits says how many")
    func full() {
        var queue = LogQueue(maxRecords: 3)
        for number in 1...5 { queue.add(line("\(number)")) }
        #expect(queue.lost == 2)
        #expect(queue.next() == .record(line("1")))
        // One place is free, but the line and the word of the lost ones need two.
        queue.add(line("6"))
        #expect(queue.lost == 3)
        #expect(queue.next() == .record(line("2")))
        queue.add(line("7"))
        #expect(queue.next() == .record(line("3")))
        #expect(queue.next() == .lost(3))
        #expect(queue.next() == .record(line("7")))
        #expect(queue.next() == nil)
        queue.add(line("8"))
        #expect(queue.next() == .record(line("8")))
        #expect(queue.lost == 3)
    }

    @Test("long lines fill it as well as many")
    func bytes() {
        var queue = LogQueue(maxBytes: 10_000)
        for _ in 0..<100 { queue.add(line(String(repeating: "x", count: 1_000))) }
        #expect(queue.lost > 90)
        while queue.next() != nil {}
        let before = queue.lost
        queue.add(line("fits again"))
        #expect(queue.lost == before)
    }

    @Test("lines that could not be written are counted like dropped ones, and once only")
    func giveUp() {
        var queue = LogQueue()
        for number in 1...2 {
            queue.add(line("\(number)"))
            while let entry = queue.next() { queue.giveUp(entry) }
            #expect(queue.lost == number)
        }
        queue.add(line("3"))
        #expect(queue.next() == .lost(2))
        #expect(queue.next() == .record(line("3")))
        #expect(queue.next() == nil)
        #expect(queue.lost == 2)
    }
}
