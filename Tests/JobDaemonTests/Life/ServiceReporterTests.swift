import EventLoop
import Foundation
import JobQueue
import Redis
import Systemd
import TestSupport
import Testing

@testable import JobDaemon

/// Each in a process of its own, because what the service manager wants is found in the environment.
@Suite("Keeping the service manager informed")
struct ServiceReporterTests {
    @Test("the status is a live line: what runs, what is pending, how fast Redis answers")
    func status() async {
        await #expect(processExitsWith: .success) {
            let manager = try NotifySocket()
            setenv("NOTIFY_SOCKET", manager.path, 1)
            try await withBroker { stand, push in
                for _ in 0..<3 { try push(#"{"type":"work"}"#) }
                try await whileReporting(stand) {
                    let line = try await manager.message(containing: "STATUS=")
                    let words = line.split(separator: " ")
                    #expect(line.hasPrefix("STATUS=running 0/2, pending 3, redis "))
                    #expect(words.last == "ms")
                    #expect(words.dropLast().last.flatMap { Double($0) } != nil)
                }
            }
            // Nobody asked for a watchdog.
            #expect(!manager.messages.contains { $0.contains("WATCHDOG") })
        }
    }

    @Test("without Redis the status says so, and why")
    func noRedis() async {
        await #expect(processExitsWith: .success) {
            let manager = try NotifySocket()
            setenv("NOTIFY_SOCKET", manager.path, 1)
            try await withEventLoop { loop in
                let stand = BrokerStand.withoutRedis(loop: loop)
                stand.monitor.note(.down(reason: "connection refused"))
                try await whileReporting(stand) {
                    let line = try await manager.message(containing: "STATUS=")
                    #expect(
                        line
                            == "STATUS=running 0/2, waiting for Redis at 127.0.0.1:1: connection refused"
                    )
                }
            }
        }
    }

    @Test("the watchdog is fed twice as often as it wants to be, also while Redis is away")
    func watchdog() async {
        await #expect(processExitsWith: .success) {
            let manager = try NotifySocket()
            setenv("NOTIFY_SOCKET", manager.path, 1)
            setenv("WATCHDOG_USEC", "8000000", 1)
            try await withEventLoop { loop in
                let stand = BrokerStand.withoutRedis(loop: loop)
                stand.monitor.note(.down(reason: "gone"))
                let clock = SteppedClock()
                try await whileReporting(stand, clock: clock) {
                    for meal in 1...5 {
                        await eventually(equals: meal) { manager.meals }
                        try await clock.awaitSleeper(.seconds(4))
                        clock.advance(by: .seconds(4))
                    }
                }
            }
        }
    }

    @Test("a part that is stuck is told once, and the watchdog goes hungry until it moves again")
    func stuck() async {
        await #expect(processExitsWith: .success) {
            let manager = try NotifySocket()
            setenv("NOTIFY_SOCKET", manager.path, 1)
            setenv("WATCHDOG_USEC", "8000000", 1)
            try await withEventLoop { loop in
                let stand = BrokerStand.withoutRedis(loop: loop)
                let clock = SteppedClock()
                // Nobody runs the worker, so its heart does not beat.
                let monitor = BrokerMonitor(
                    address: .redis(RedisAddress(place: .tcp(host: "r", port: 6379))), clock: clock,
                    log: stand.lines)
                let health = Health(
                    worker: .forTests(clock: clock), monitor: monitor, clock: clock,
                    lease: .seconds(15))
                monitor.note(.up(warnings: []))
                try await whileReporting(stand, clock: clock, health: health) {
                    for _ in 0..<10 {
                        try await clock.awaitSleeper(.seconds(4))
                        clock.advance(by: .seconds(4))
                    }
                    try await clock.awaitSleeper(.seconds(4))
                    // At 0, 4 and so on until 20 seconds.
                    await eventually(equals: 6) { manager.meals }
                    let line = "the heartbeat is stuck: the watchdog is not fed any more"
                    #expect(stand.lines.messages.filter { $0 == line }.count == 1)
                    monitor.note(.down(reason: "gone"))
                    clock.advance(by: .seconds(4))
                    await eventually(equals: 7) { manager.meals }
                }
            }
        }
    }

    @Test("without a service manager there is nothing to do")
    func nobody() async {
        await #expect(processExitsWith: .success) {
            unsetenv("NOTIFY_SOCKET")
            unsetenv("WATCHDOG_USEC")
            try await withEventLoop { loop in
                let stand = BrokerStand.withoutRedis(loop: loop)
                // Returns at once.
                await reporter(stand, clock: stand.clock, health: stand.health).run()
            }
        }
    }
}

private func reporter(
    _ stand: BrokerStand, clock: any JobClock, health: Health
) -> ServiceReporter {
    ServiceReporter(
        notifier: ServiceNotifier(), health: health, broker: stand.broker, worker: stand.worker,
        configuration: ConfigurationState { 0 }, stop: StopSwitch(), clock: clock, log: stand.lines)
}

/// Runs a reporter while `body` runs.
private func whileReporting(
    _ stand: BrokerStand, clock: (any JobClock)? = nil, health: Health? = nil,
    _ body: () async throws -> Void
) async throws {
    try await withThrowingTaskGroup { group in
        let reporter = reporter(
            stand, clock: clock ?? stand.clock, health: health ?? stand.health)
        group.addTask { await reporter.run() }
        try await body()
        group.cancelAll()
    }
}

extension NotifySocket {
    /// How often the watchdog was fed.
    fileprivate var meals: Int { messages.count { $0 == "WATCHDOG=1" } }
}
