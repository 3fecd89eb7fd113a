import JobQueue
import Redis
import RedisBroker
import TestSupport
import Testing

@testable import JobDaemon

@Suite("What is known of the connection to the broker")
struct BrokerMonitorTests {
    private let clock = SteppedClock()
    private let log = LogCapture()
    private let monitor: BrokerMonitor

    init() {
        monitor = BrokerMonitor(
            address: .redis(RedisAddress(place: .tcp(host: "redis.example", port: 6379))),
            clock: clock, log: log)
    }

    /// Notes a change, and gives the lines about it as "level kind: message".
    private func note(_ change: ConnectionChange) -> [String] {
        let before = log.records.value.count
        monitor.note(change)
        return log.records.value.dropFirst(before).map { record in
            let kind =
                switch record.messageID {
                case .brokerLost?: " lost"
                case .brokerBack?: " back"
                case nil: ""
                default: " unexpected"
                }
            return "\(record.level.name)\(kind): \(record.message)"
        }
    }

    @Test("before the first try has ended it is not connected yet")
    func start() {
        #expect(monitor.state == .connecting)
        #expect(monitor.trouble == "not connected to Redis at redis.example:6379 yet")
        #expect(monitor.reconnects == 0)
    }

    @Test("a connection is told once, with what should be known of the server")
    func up() {
        #expect(
            note(.up(warnings: ["appendonly is off"])) == [
                "notice: connected to Redis at redis.example:6379", "warning: appendonly is off",
            ])
        #expect(monitor.trouble == nil)
        #expect(monitor.state == .up(since: clock.now))
    }

    @Test("a loss is told once however many tries fail, and the return as well")
    func lossAndReturn() {
        _ = note(.up(warnings: []))
        #expect(
            note(.down(reason: "gone")) == ["warning lost: gone; trying again until it is there"])
        #expect(monitor.trouble == "gone")
        #expect(note(.down(reason: "refused")).isEmpty)
        #expect(monitor.trouble == "refused")
        #expect(monitor.reconnects == 0)
        clock.advance(by: .seconds(5))
        #expect(note(.up(warnings: [])) == ["notice back: Redis at redis.example:6379 is back"])
        #expect(monitor.reconnects == 1 && monitor.trouble == nil)
        #expect(monitor.state == .up(since: clock.now))
    }

    @Test("a broker that was never there is told once")
    func neverThere() {
        #expect(note(.down(reason: "a")) == ["warning lost: a; trying again until it is there"])
        #expect(note(.down(reason: "b")).isEmpty)
        #expect(note(.up(warnings: [])) == ["notice: connected to Redis at redis.example:6379"])
        #expect(monitor.reconnects == 0)
    }

    @Test("at the start a broker that is not fit is left for the daemon's own line")
    func unfitAtStart() {
        #expect(note(.unfit(reason: "a replica")).isEmpty)
        #expect(monitor.state == .unfit(reason: "a replica") && monitor.trouble == "a replica")
    }

    @Test("later it is told, anew for each new reason")
    func unfitLater() {
        _ = note(.up(warnings: []))
        let line = "error lost: Redis at redis.example:6379 cannot be used: "
        #expect(
            note(.unfit(reason: "a replica")) == [line + "a replica; trying again until it can"])
        #expect(note(.unfit(reason: "a replica")).isEmpty)
        #expect(note(.unfit(reason: "too old")) == [line + "too old; trying again until it can"])
    }

    @Test("who waits for a change is woken by each")
    func bell() async {
        for change in [ConnectionChange.down(reason: "x"), .unfit(reason: "y"), .up(warnings: [])] {
            monitor.note(change)
            // Returns at once, or the test never ends.
            await monitor.bell.wait()
        }
    }
}
