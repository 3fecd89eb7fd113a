import JobQueue

/// Jobs in memory, with the broker's rules: a claim moves a record under a token, a finish counts only
/// while the token stands.
struct QueuesInMemory: Sendable {
    struct Scheduled: Sendable {
        let record: [UInt8]
        let delay: Duration
    }

    struct Queue: Sendable {
        var pending: [[UInt8]] = []
        /// No list is empty.
        var aside: [JobType: [[UInt8]]] = [:]
        var scheduled: [Scheduled] = []
        var dead: [[UInt8]] = []
        var isPaused = false
    }

    var queues: [QueueName: Queue] = [:]
    /// What is being run, by whoever.
    private(set) var active: [LeaseToken: [UInt8]] = [:]
    /// Records whose attempt was acknowledged, in order.
    private(set) var done: [[UInt8]] = []
    private(set) var worker = Sample.worker(1)
    /// Workers that were declared lost, and in which queue.
    private(set) var lost: [WorkerID: QueueName] = [:]
    /// Queues whose outcomes cannot be written, and why.
    var broken: [QueueName: BrokerError] = [:]
    private var nextToken: UInt64 = 1
    private var nextWorker: UInt32 = 2

    func hasWork(in queue: QueueName) -> Bool {
        queues[queue].map { !$0.pending.isEmpty && !$0.isPaused } ?? false
    }

    mutating func push(_ records: [[UInt8]], to queue: QueueName) {
        queues[queue, default: Queue()].pending += records
    }

    mutating func claim(
        _ count: Int, from name: QueueName, _ source: ClaimSource = .pending
    ) throws(BrokerError) -> ClaimReply {
        try checkLease()
        var queue = queues[name, default: Queue()]
        if queue.isPaused { return ClaimReply(claims: [], rest: .paused) }
        var claims: [Claim] = []
        for record in queue[source].prefix(count) {
            let token = LeaseToken(worker: worker, queue: name, number: nextToken)
            nextToken += 1
            active[token] = record
            claims.append(Claim(token: token, envelope: record))
        }
        queue[source].removeFirst(claims.count)
        queues[name] = queue
        return ClaimReply(claims: claims, rest: claims.count < count ? .empty : .more)
    }

    mutating func finish(_ batch: [Finish]) -> [FinishResult] {
        batch.map { finish in
            if let error = broken[finish.token.queue] { return .failed(error) }
            guard let record = active.removeValue(forKey: finish.token) else { return .refused }
            var queue = queues[finish.token.queue, default: Queue()]
            switch finish.outcome {
            case .ack: done.append(record)
            case .retry(let delay, let record):
                queue.scheduled.append(Scheduled(record: record, delay: delay))
            case .deadLetter(let record): queue.dead.append(record)
            case .release(let record): queue.pending.insert(record, at: 0)
            case .putBack(.pending): queue.pending.insert(record, at: 0)
            case .putBack(.aside(let type)): queue[.aside(type)].append(record)
            case .putBack(.asideFirst(let type)): queue[.aside(type)].insert(record, at: 0)
            }
            queues[finish.token.queue] = queue
            return .written
        }
    }

    func checkLease() throws(BrokerError) {
        guard let queue = lost[worker] else { return }
        throw .leaseLost(worker: worker.description, queue: queue.description)
    }

    /// Another daemon finds the worker silent, and takes back what it holds in one queue.
    mutating func declareLost(in queue: QueueName) {
        lost[worker] = queue
        for (token, record) in active where token.queue == queue {
            active[token] = nil
            queues[queue, default: Queue()].pending.insert(record, at: 0)
        }
    }

    /// Another daemon has the job now.
    mutating func takeAway(_ id: String) {
        for (token, record) in active where Sample.idText(record) == id { active[token] = nil }
    }

    mutating func renewIdentity(after worker: String) -> Bool {
        guard self.worker.description == worker else { return false }
        self.worker = Sample.worker(nextWorker)
        nextWorker += 1
        return true
    }

    /// What is due now.
    mutating func promoteAll(in queue: QueueName) {
        let records = queues[queue]?.scheduled.map(\.record) ?? []
        queues[queue]?.scheduled = []
        push(records, to: queue)
    }
}

extension QueuesInMemory {
    /// Ids in each state, for what a test expects. `queue` is the only one by default.
    func pending(_ queue: QueueName = .default) -> [String] {
        queues[queue]?.pending.map(Sample.idText) ?? []
    }

    func aside(_ type: String, _ queue: QueueName = .default) -> [String] {
        queues[queue]?[.aside(Sample.type(type))].map(Sample.idText) ?? []
    }

    func scheduled(_ queue: QueueName = .default) -> [String] {
        queues[queue]?.scheduled.map { Sample.idText($0.record) } ?? []
    }

    func dead(_ queue: QueueName = .default) -> [String] {
        queues[queue]?.dead.map(Sample.idText) ?? []
    }

    var doneIDs: [String] { done.map(Sample.idText) }

    /// Every record there is, done ones included: what was put in must be found here.
    var total: Int {
        queues.values.reduce(active.count + done.count) {
            $0 + $1.pending.count + $1.aside.values.joined().count + $1.scheduled.count
                + $1.dead.count
        }
    }
}

extension QueuesInMemory.Queue {
    /// The records of a line.
    subscript(source: ClaimSource) -> [[UInt8]] {
        get {
            switch source {
            case .pending: pending
            case .aside(let type): aside[type] ?? []
            }
        }
        set {
            switch source {
            case .pending: pending = newValue
            case .aside(let type): aside[type] = newValue.isEmpty ? nil : newValue
            }
        }
    }
}
