import EventLoop
import JobDaemon
import JobQueue
import RedisBroker
import TestSupport

/// One job's life, from its enqueue through the library to its end, over a proxy that fails once; then
/// the lives of two more, which show that all goes on; then a drain.
struct Life: Sendable {
    /// What the job goes through.
    enum Kind: Sendable, CaseIterable {
        /// Enqueued without an id, by a bare RPUSH.
        case plain
        /// With an id of its own, which makes an enqueue that is sent again safe.
        case named
        case unique
        /// It fails once: scheduled, promoted, run again.
        case retried
        case deadLettered
        /// Given back by the drain of the first daemon, run by a second.
        case released
    }

    /// What came of it.
    struct Report: Sendable {
        /// One line for each broken promise.
        var problems: [String] = []
        /// What went through the proxy.
        var record = MessageProxy.Record()
        /// How many exchanges there were when the job had ended.
        var length = 0
        /// What the job's daemons logged.
        var log: [String] = []
    }

    let kind: Kind
    let redis: RedisServer
    let loop: EventLoop
    /// No other life has it.
    let namespace: String
    var failure: (fault: MessageProxy.Fault, exchange: MessageProxy.Exchange)?

    /// After a fault everything must have ended within this: the longest wait that a dead connection
    /// goes unnoticed is 5 s and a command's limit, and the machine may be busy.
    static let limit = Duration.seconds(60)

    /// How long its daemons and its producer wait for an answer of Redis. Where nothing fails, nothing is
    /// to be taken for a failure.
    var commandTimeout: Duration { failure == nil ? .seconds(10) : .milliseconds(500) }

    func run() async throws -> Report {
        let proxy = try MessageProxy(
            to: redis.socketAddress, failing: failure?.fault, at: failure?.exchange)
        let stage = try LifeStage(life: self, proxy: proxy)
        var report = Report()
        do {
            try await stage.live()
            report.length = proxy.record.exchanges.count
            try await stage.goOn()
        } catch {
            report.problems.append("\(error)")
        }
        report.problems += try await stage.close()
        report.record = proxy.record
        report.log = stage.log.all
        report.problems += try stage.verdict()
        return report
    }
}
