import ExecHandler
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
    /// How many jobs of a queue run at the same time at most, where that is less than `concurrency`.
    package var queueConcurrency: [QueueName: Int] = [:]
    /// What holds for jobs whose handler says nothing else.
    package var retry = RetryPolicy()
    /// What becomes of a job whose type has no handler, or whose command is missing.
    package var noHandler = KnownHandlers.Rule.dead
    /// How many dead letters are kept in each queue, and for how long.
    package var deadLimits = DeadLimits()
    /// Where a queue has its own.
    package var queueDeadLimits: [QueueName: DeadLimits] = [:]
    package var metricsAddress = ":2112"
    package var controlPath = "/run/jobqueued/control.sock"
    /// It lies in the runtime directory that the service manager has made.
    var isControlOfService = false
    package var lease: Duration = .seconds(15)
    package var drainTimeout: Duration = .seconds(30)
    package var killGrace: Duration = .seconds(10)
    /// How long to wait at start for a broker that is not there.
    package var brokerWait: Duration = .seconds(60)
    package var allowsEviction = false
    package var logLevel = LogLevel.info
    package var isDemo = false
    /// The commands of the handler files, sorted by name.
    package var commands: [CommandDefinition] = []

    package init() {}

    /// How many dead letters of a queue are kept, and for how long.
    func deadLimits(of queue: QueueName) -> DeadLimits { queueDeadLimits[queue] ?? deadLimits }

    /// Where this instance keeps its lock: beside its control socket.
    var runtimeDirectory: String {
        guard let slash = controlPath.lastIndex(of: "/"), slash > controlPath.startIndex else {
            return "/"
        }
        return String(controlPath[..<slash])
    }
}
