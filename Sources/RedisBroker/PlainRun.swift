import JobQueue
import Redis

/// Plain jobs for one queue, which leave in one command.
struct PlainRun: Sendable {
    let queue: QueueName
    private(set) var ids: [JobID] = []
    private var envelopes: RedisWords

    /// How large they are in a command.
    var bytes: Int { envelopes.bytes.count }

    /// A run of some `expected` jobs.
    init(for queue: QueueName, expecting expected: Int) {
        self.queue = queue
        envelopes = RedisWords(expecting: expected)
        ids.reserveCapacity(expected)
    }

    /// Whether so many more may leave with these.
    func accepts(_ queue: QueueName, jobs: Int, bytes: Int) -> Bool {
        self.queue == queue && ids.count + jobs <= Slice.count
            && self.bytes + bytes <= Slice.bytes
    }

    mutating func append(_ envelope: [UInt8], _ id: JobID) {
        envelopes.append(envelope)
        ids.append(id)
    }

    func command(keys: Keys) -> RedisCommand { Self.command(of: [self], in: queue, keys: keys) }

    /// One command for all `runs`, which are for `queue`.
    static func command(of runs: [PlainRun], in queue: QueueName, keys: Keys) -> RedisCommand {
        RedisCommand("RPUSH", keys.of(queue).pending, followedBy: runs.map(\.envelopes))
    }
}
