import JobQueue
import TestSupport
import Testing

@testable import JobDaemon

@Suite("Watching the event loop")
struct LoopWatchTests {
    private let log = LogCapture()

    @Test("a loop of which nothing is heard is told once, and once more when it turns again")
    func stuck() async throws {
        let watch = try LoopWatch(patience: .milliseconds(50), log: log)
        await eventually(equals: 1) { log.messages.count }
        #expect(
            log.messages == ["the event loop is stuck: the watchdog is not fed any more"])
        watch.isAlive()
        await eventually { log.messages.contains("the event loop turns again") }
        // Silent again: that is another time.
        await eventually { log.messages.count == 3 }
        watch.end()
        #expect(log.messages[2] == log.messages[0])
    }

    @Test("a watch that was ended says nothing")
    func ended() async throws {
        let watch = try LoopWatch(patience: .seconds(3600), log: log)
        watch.isAlive()
        watch.end()
        // A second watch is told of by then.
        let second = try LoopWatch(patience: .milliseconds(50), log: log)
        await eventually(equals: 1) { log.messages.count }
        second.end()
    }
}
