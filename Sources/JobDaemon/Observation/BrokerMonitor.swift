import JobQueue
import Synchronization

/// What is known of the connection to the broker: for the start, `/healthz`, the metrics and the log.
final class BrokerMonitor: Sendable {
    enum State: Sendable, Equatable {
        /// No try has ended yet.
        case connecting
        case up(since: MonotonicTime)
        case down(reason: String)
        /// It can be reached, and refuses us or is not fit for use.
        case unfit(reason: String, passes: Bool = false)
    }

    private struct Known {
        var state = State.connecting
        var wasUp = false
        var reconnects = 0
    }

    /// Rings at each change.
    let bell = Bell()
    private let known = Mutex(Known())
    private let clock: any JobClock
    private let log: any LogSink
    let address: BrokerAddress

    init(address: BrokerAddress, clock: any JobClock, log: any LogSink) {
        self.address = address
        self.clock = clock
        self.log = log
    }

    var state: State { known.withLock { $0.state } }

    /// How often the connection came back.
    var reconnects: Int { known.withLock { $0.reconnects } }

    /// Why the broker cannot be used at the moment; `nil`: it can.
    var trouble: String? {
        switch state {
        case .up: nil
        case .connecting: "not connected to \(address.name) yet"
        case .down(let reason), .unfit(let reason, _): reason
        }
    }

    func note(_ change: ConnectionChange) {
        let now = clock.now
        let (before, isReturn) = known.withLock { known in
            let before = known.state
            let isReturn = known.wasUp
            switch change {
            case .up:
                if known.wasUp { known.reconnects += 1 }
                known.wasUp = true
                known.state = .up(since: now)
            case .down(let reason): known.state = .down(reason: reason)
            case .unfit(let reason, let passes):
                known.state = .unfit(reason: reason, passes: passes)
            }
            return (before, isReturn)
        }
        report(change, before: before, isReturn: isReturn)
        bell.ring()
    }

    /// A line when something changes, not for each try that fails for the same reason.
    private func report(_ change: ConnectionChange, before: State, isReturn: Bool) {
        switch change {
        case .up(let warnings):
            log.write(
                LogRecord(
                    level: .notice, messageID: isReturn ? .brokerBack : nil,
                    message: isReturn
                        ? "\(address.name) is back" : "connected to \(address.name)"))
            for warning in warnings {
                log.write(LogRecord(level: .warning, message: warning))
            }
        case .down(let reason):
            if case .down = before { return }
            log.write(
                LogRecord(
                    level: .warning, messageID: .brokerLost,
                    message: "\(reason); trying again until it is there"))
        case .unfit(let reason, let passes):
            // At the start the daemon ends for what does not pass, with a line of its own.
            if before == .unfit(reason: reason, passes: passes) || !(isReturn || passes) { return }
            log.write(
                LogRecord(
                    level: passes ? .warning : .error, messageID: .brokerLost,
                    message: "\(address.name) cannot be used: \(reason); trying again until "
                        + "it can"))
        }
    }
}
