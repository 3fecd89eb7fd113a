import EventLoop
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Timers on the loop")
struct TimerSourceTests {
    @Test("a timer fires once each time it is set")
    func fires() async throws {
        try await withEventLoop { loop in
            let timer = try await Clock(loop: loop)
            try await timer.set(after: .milliseconds(1))
            #expect(await timer.count.wait(within: .seconds(10)) { $0 == 1 } != nil)
            try await loop.sleep(for: .milliseconds(5))
            #expect(timer.count.value == 1)
            try await timer.set(after: .zero)
            #expect(await timer.count.wait(within: .seconds(10)) { $0 == 2 } != nil)
            try await timer.set(after: .seconds(-5))
            #expect(await timer.count.wait(within: .seconds(10)) { $0 == 3 } != nil)
        }
    }

    @Test("a timer counts the time that the machine sleeps, as deadlines do")
    func suspend() async throws {
        try await withEventLoop { loop in
            let timer = try await Clock(loop: loop)
            try await timer.set(after: .seconds(3_600))
            // The loop hands the time to the kernel before it waits.
            try await loop.sleep(for: .milliseconds(5))
            #expect(try Self.clocksOfTimers().contains("\(CLOCK_BOOTTIME)"))
        }
    }

    /// The clock of each timer that this process has, as the kernel numbers them.
    private static func clocksOfTimers() throws -> Set<String> {
        var clocks: Set<String> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fdinfo") {
            // Some are gone by then.
            let text = try? String(contentsOfFile: "/proc/self/fdinfo/\(name)", encoding: .utf8)
            for line in (text ?? "").split(separator: "\n") where line.hasPrefix("clockid:") {
                clocks.insert(String(line.dropFirst(8).drop { $0 == " " }))
            }
        }
        return clocks
    }

    @Test("setting a timer again replaces what was set before")
    func rearm() async throws {
        try await withEventLoop { loop in
            let timer = try await Clock(loop: loop)
            try await timer.set(after: .seconds(3_600))
            try await timer.set(after: .milliseconds(1))
            #expect(await timer.count.wait(within: .seconds(10)) { $0 == 1 } != nil)
            try await timer.set(after: .milliseconds(1), then: .seconds(3_600))
            try await loop.sleep(for: .milliseconds(5))
            #expect(timer.count.value == 1)
        }
    }

    @Test("a cancelled timer does not fire, and can be set again")
    func cancel() async throws {
        try await withEventLoop { loop in
            let timer = try await Clock(loop: loop)
            try await timer.set(after: .seconds(3_600))
            try await timer.setAndCancel(after: .milliseconds(1))
            try await loop.sleep(for: .milliseconds(5))
            #expect(timer.count.value == 0)
            try await timer.set(after: .milliseconds(1))
            #expect(await timer.count.wait(within: .seconds(10)) { $0 == 1 } != nil)
        }
    }

    @Test("a timer never fires early, however long the tick that sets it has lasted")
    func neverEarly() async throws {
        try await withEventLoop { loop in
            let timer = try await Clock(loop: loop)
            let waited = try await timer.setLateInTheTick(after: .milliseconds(30))
            #expect(waited >= .milliseconds(30))
        }
    }

    @Test("an owner may go away on any thread while its timer is about to fire")
    func dropElsewhere() async throws {
        try await withEventLoop { loop in
            for _ in 0..<200 {
                let timer = try await Clock(loop: loop)
                try await timer.set(after: .microseconds(200))
                // The last reference goes with a task on the shared pool, whenever it gets there.
                Task.detached { withExtendedLifetime(timer) {} }
            }
            try await loop.sleep(for: .milliseconds(1))
        }
    }

    @Test("the longest duration is no trap")
    func longest() async throws {
        try await withEventLoop { loop in
            let timer = try await Clock(loop: loop)
            try await timer.set(after: Duration(secondsComponent: .max, attosecondsComponent: 0))
            try await timer.set(after: .nanoseconds(1))
            #expect(await timer.count.wait(within: .seconds(10)) { $0 == 1 } != nil)
        }
    }
}

/// Owns a timer on the loop.
private actor Clock {
    private let loop: EventLoop
    private var timer: TimerSource?
    let count = Watched(0)

    init(loop: EventLoop) async throws {
        self.loop = loop
        try start()
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private func start() throws {
        timer = try TimerSource(loop: loop) { [count] in count.update { $0 += 1 } }
    }

    func set(after delay: Duration, then other: Duration? = nil) throws {
        try timer?.set(after: delay)
        if let other { try timer?.set(after: other) }
    }

    func setAndCancel(after delay: Duration) throws {
        try timer?.set(after: delay)
        try timer?.cancel()
    }

    /// - Returns: how long after `set` the timer fired.
    func setLateInTheTick(after delay: Duration) async throws -> Duration {
        // A tick that lasts longer than the delay: the fault that is provoked here.
        let tick = ContinuousClock.now
        while ContinuousClock.now - tick < delay * 2 { usleep(1_000) }
        let start = ContinuousClock.now
        try set(after: delay)
        _ = await count.wait(within: .seconds(10)) { $0 == 1 }
        return ContinuousClock.now - start
    }
}
