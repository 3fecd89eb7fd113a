import JobQueue
import Redis

/// A way through one container, slice by slice, for an operator who looks for something.
///
/// The newest first, all that is there from beginning to end is met, whatever comes meanwhile, is claimed or becomes
/// due. A record may be met twice.
struct RecordScan {
    enum Order: String {
        case oldest, newest
    }

    let queue: QueueName
    let state: JobState
    let key: String
    let order: Order
    /// Of an active hash: whose.
    let worker: String?
    /// Only records that have one of these ids are given; `nil`: all are.
    let ids: [String]?
    /// Of a longer record only the beginning is given.
    let cut: Int
    /// Where the next slice begins: as `scan.lua` has it.
    var position = ""
    private(set) var isOver = false

    init(
        _ queue: QueueName, _ state: JobState, key: String, _ order: Order = .newest,
        worker: String? = nil, ids: [String]? = nil, cut: Int = Slice.bytes
    ) {
        self.queue = queue
        self.state = state
        self.key = key
        self.order = order
        self.worker = worker
        self.ids = ids
        self.cut = cut
    }

    /// So many records that were looked at are not in the container any more: what stands behind them has come
    /// forward.
    mutating func removed(_ count: Int) {
        if state != .active { position = String(max(0, (Int(position) ?? 0) - count)) }
    }

    fileprivate func call(looking count: Int) -> ScriptCall {
        var call = ScriptCall(
            Scripts.scan, keys: [key],
            arguments: [
                order.rawValue, position, String(count), String(Slice.bytes), String(cut),
                worker.map { $0 + "-" } ?? "",
            ])
        for id in ids ?? [] { call.append(id) }
        return call
    }

    fileprivate mutating func read(_ reply: RedisReply) throws -> [JobRecord] {
        let parts = try reply.array()
        guard parts.count >= 2 else {
            throw BrokerError.refused(reason: "Redis answered a look at \(key) with too little")
        }
        isOver = try parts[0].integer() == 1
        position = try parts[1].text()
        var records: [JobRecord] = []
        for index in stride(from: 2, to: parts.count - 2, by: 3) {
            let envelope = try parts[index].bytes()
            let size = try parts[index + 2].count()
            let at = try parts[index + 1].text()
            let time = state == .active ? nil : Double(at).flatMap { Int64(exactly: $0.rounded()) }
            records.append(
                JobRecord(
                    queue: queue, state: state, envelope: envelope,
                    wholeSize: size > envelope.count ? size : nil, time: time, worker: worker,
                    token: state == .active ? UInt64(at) : nil))
        }
        return records
    }
}

extension RedisBroker {
    /// The next slice of records, which may hold none; `nil` at the end.
    func next(_ scan: inout RecordScan) async throws -> [JobRecord]? {
        if scan.isOver { return nil }
        let count = scan.ids == nil ? Slice.count : Slice.looked
        return try scan.read(try await askOne(.script(scan.call(looking: count))))
    }

    /// The keys of all containers in which jobs of `queue` lie that are in this state and do not run.
    func containers(of state: JobState, in queue: QueueName) async throws -> [String] {
        state == .pending
            ? try await pendingLists(of: queue) : [keys.of(queue).container(of: state)]
    }

    /// Every place in which a job of `queue` may lie, in an order in which a job that becomes due, or is
    /// requeued or claimed, meanwhile is met all the same.
    ///
    /// - Parameter short: States whose records are wanted for their ids alone.
    func scans(
        of queue: QueueName, for ids: [String], short: Set<JobState> = []
    ) async throws -> [RecordScan] {
        func cut(_ state: JobState) -> Int {
            short.contains(state) ? Self.shortRecord : Slice.bytes
        }
        var scans: [RecordScan] = []
        for state in [JobState.scheduled, .dead, .pending] {
            for key in try await containers(of: state, in: queue) {
                scans.append(RecordScan(queue, state, key: key, ids: ids, cut: cut(state)))
            }
        }
        let names = keys.of(queue)
        let workers = try await askOne(
            .command(RedisCommand("ZREVRANGE", names.workers, "0", "9999")))
        for worker in try workers.array().map({ try $0.text() }) {
            scans.append(
                RecordScan(
                    queue, .active, key: names.active(worker), worker: worker, ids: ids,
                    cut: cut(.active)))
        }
        return scans
    }

    private static let shortRecord = 4096
}
