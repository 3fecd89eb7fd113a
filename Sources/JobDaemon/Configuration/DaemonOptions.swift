import JobQueue
import Redis
import SQLiteBroker

/// Everything that an administrator can set, checked.
package struct DaemonOptions: Sendable {
    package var address = BrokerAddress.redis(
        RedisAddress(place: .tcp(host: "localhost", port: 6379)))
    /// Of a file.
    package var durability = Durability.full
    package var namespace = "jq"
    package var concurrency = 10
    package var schedule = QueueSchedule(strict: [.default])
    package var metricsAddress = ":2112"
    package var controlPath = "/run/jobqueued/control.sock"
    package var lease: Duration = .seconds(15)
    package var drainTimeout: Duration = .seconds(30)
    package var killGrace: Duration = .seconds(10)
    /// How long to wait at start for a broker that is not there.
    package var brokerWait: Duration = .seconds(60)
    package var allowsEviction = false
    package var logLevel = LogLevel.info
    package var isDemo = false

    package init() {}

    /// Where this instance keeps its lock: beside its control socket.
    var runtimeDirectory: String {
        guard let slash = controlPath.lastIndex(of: "/"), slash > controlPath.startIndex else {
            return "/"
        }
        return String(controlPath[..<slash])
    }
}

/// What the command line asks for.
package enum DaemonCommand: Sendable {
    case run(DaemonOptions)
    /// Look at everything, start nothing.
    case check(DaemonOptions)
    case showHelp
    case showVersion
}

/// Everything that is wrong with the settings, each as one line.
package struct DaemonOptionsError: Error, CustomStringConvertible {
    /// Whether the command line itself cannot be understood (exit 64); else a value is wrong (78).
    package let isUsage: Bool
    package let lines: [String]

    package var description: String { lines.joined(separator: "\n") }
}
