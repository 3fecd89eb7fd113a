package struct JobEvent: Sendable { package enum Kind: Sendable { case done, retried(after: Duration, reason: String), dead(reason: String), released(reason: String), refused }
 package var job: JobID; package var type: JobType?; package var queue: QueueName; package var attempt: Int; package var maxAttempts: Int; package var kind: Kind; package var wait: Duration?; package var run: Duration? }
package protocol JobEventRecorder: Sendable { func record(_ events: [JobEvent]); func recovered(_ recovery: Recovery) }
public enum LogLevel: Sendable { case error, warning, notice, info, debug; package init?(name: String) { nil } }
package enum MessageID: Sendable { case leaseLost }
public struct LogRecord: Sendable { package init(level: LogLevel, messageID: MessageID? = nil, message: String) {} }
public protocol LogSink: Sendable { func write(_ r: LogRecord) }
public struct Logger: Sendable { package init(sink: any LogSink, job: Job) {}; public func debug(_ s: String) {} }
