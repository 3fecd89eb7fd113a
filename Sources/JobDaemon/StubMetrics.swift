import JobQueue
final class Metrics: Sendable { init(types: [JobType], queues: [QueueName], version: String) {} ; func record(_ e: [JobEvent]) {}; func recovered(_ r: Recovery) {}; func text(_ s: MetricsSnapshot) -> String { "" } }
struct MetricsSnapshot { var slotsBusy = 0, slots = 0, reconnects = 0, droppedLogLines = 0, isBrokerUp = true; mutating func add(_ s: BrokerStats, unixMilliseconds: Int64, of: [QueueName]) {} }
