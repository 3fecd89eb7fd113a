import JobQueue

/// What a broker promises, in the plainest words: arrays and dictionaries, and a clock that counts hours.
/// Both brokers are held against it after each operation.
struct ReferenceModel {
    /// In hours, like all times here.
    static let lease = 6
    static let memory = 24

    struct Scheduled: Equatable {
        let due: Int
        /// Among jobs of the same hour the lower one is due first.
        let order: Int
        let job: ModelJob
    }

    struct Token: Hashable {
        let worker: String
        let number: UInt64
    }

    struct Queue {
        var pending: [ModelJob] = []
        /// What waits aside, by type.
        var aside: [String: [ModelJob]] = [:]
        var scheduled: [Scheduled] = []
        var active: [Token: ModelJob] = [:]
        var dead: [ModelJob] = []
        var isPaused = false
        var totals = QueueStats.Totals()
        /// Unique keys, and the ids that hold them.
        var holders: [String: String] = [:]
        /// Explicit ids, and the hour in which they are forgotten.
        var remembered: [String: Int] = [:]
        /// Workers, and the hour in which their lease ends.
        var leases: [String: Int] = [:]
        /// Those among them that are known to be gone.
        var gone: Set<String> = []
    }

    var queues: [QueueName: Queue]
    var hour = 0
    private var nextOrder = 0
    /// A mistake that is made on purpose, to see that it is found.
    var flaw: Flaw?

    enum Flaw { case releasesToTail, forgetsHolders }

    init(queues: [QueueName]) {
        self.queues = Dictionary(uniqueKeysWithValues: queues.map { ($0, Queue()) })
    }

    private subscript(queue: QueueName) -> Queue {
        get { queues[queue] ?? Queue() }
        set { queues[queue] = newValue }
    }

    /// The next one of what is scheduled; see `Scheduled.order`.
    mutating func takeOrder() -> Int {
        nextOrder += 1
        return nextOrder
    }
}

// MARK: - Producers

extension ReferenceModel {
    enum Enqueued: Equatable {
        case enqueued(String)
        case known(String)
        case duplicate(holder: String)
    }

    /// - Parameter delay: `nil`: now.
    mutating func enqueue(
        _ job: ModelJob, to queue: QueueName, isOwnID: Bool, delay: (hours: Int, order: Int)?
    ) -> Enqueued {
        let id = job.id ?? ""
        if isOwnID, let until = self[queue].remembered[id], until > hour { return .known(id) }
        if let key = job.uniqueKey {
            if let holder = self[queue].holders[key] {
                guard isOwnID, holder == id else { return .duplicate(holder: holder) }
                self[queue].remembered[id] = hour + Self.memory
                return .known(id)
            }
            self[queue].holders[key] = id
        }
        if isOwnID { self[queue].remembered[id] = hour + Self.memory }
        if let delay {
            self[queue].scheduled.append(
                Scheduled(due: hour + delay.hours, order: delay.order, job: job))
        } else {
            self[queue].pending.append(job)
        }
        return .enqueued(id)
    }

    mutating func push(_ job: ModelJob, to queue: QueueName) { self[queue].pending.append(job) }
}

// MARK: - Workers

extension ReferenceModel {
    mutating func register(_ worker: String) {
        for queue in queues.keys {
            self[queue].leases[worker] = hour + Self.lease
        }
    }

    /// - Returns: the first of `order` in which it has no lease; all others are kept.
    mutating func heartbeat(_ worker: String, _ order: [QueueName]) -> QueueName? {
        for queue in order where self[queue].leases[worker] != nil {
            self[queue].leases[worker] = hour + Self.lease
        }
        return order.first { self[$0].leases[worker] == nil }
    }

    enum Claimed: Equatable {
        case leaseLost
        case paused
        case jobs([ModelJob], isEmpty: Bool)
    }

    /// What a claim brings; `take` is told its tokens.
    func claimable(
        _ count: Int, from queue: QueueName, _ source: ClaimSource, by worker: String
    ) -> Claimed {
        let line = self[queue]
        guard line.leases[worker] != nil else { return .leaseLost }
        if line.isPaused { return .paused }
        let jobs = Array(line[source].prefix(count))
        return .jobs(jobs, isEmpty: jobs.count < count)
    }

    mutating func take(_ tokens: [Token], from queue: QueueName, _ source: ClaimSource) {
        for token in tokens { self[queue].active[token] = self[queue][source].removeFirst() }
    }

    enum Outcome: Equatable {
        case ack
        case retry(ModelJob, hours: Int, order: Int)
        case dead(ModelJob)
        case release(ModelJob)
        case putBack(PutBack)

        var goesToHead: Bool {
            switch self {
            case .release, .putBack(.pending), .putBack(.asideFirst): true
            default: false
            }
        }
    }

    /// - Returns: for each, whether it is written.
    mutating func finish(
        _ batch: [(token: Token, queue: QueueName, outcome: Outcome, unique: UniqueKey?)]
    ) -> [Bool] {
        var written = Array(repeating: false, count: batch.count)
        let toHead = batch.indices.filter { batch[$0].outcome.goesToHead }
            .sorted { batch[$0].token.number > batch[$1].token.number }
        for index in batch.indices.filter({ !batch[$0].outcome.goesToHead }) + toHead {
            let (token, queue, outcome, unique) = batch[index]
            guard let job = self[queue].active.removeValue(forKey: token) else { continue }
            written[index] = true
            switch outcome {
            case .ack: self[queue].totals.done += 1
            case .retry(let job, let hours, let order):
                self[queue].totals.retried += 1
                self[queue].scheduled.append(Scheduled(due: hour + hours, order: order, job: job))
            case .dead(let job):
                self[queue].totals.dead += 1
                self[queue].dead.append(job)
            case .release(let job):
                let head = flaw == .releasesToTail ? self[queue].pending.count : 0
                self[queue].pending.insert(job, at: head)
            case .putBack(.pending): self[queue].pending.insert(job, at: 0)
            case .putBack(.aside(let type)): self[queue][.aside(type)].append(job)
            case .putBack(.asideFirst(let type)): self[queue][.aside(type)].insert(job, at: 0)
            }
            if let unique, self[queue].holders[unique.key] == unique.holder.description {
                if flaw != .forgetsHolders { self[queue].holders[unique.key] = nil }
            }
        }
        return written
    }

    mutating func retire(_ worker: String) {
        for queue in queues.keys {
            let holds = self[queue].active.keys.contains { $0.worker == worker }
            if !holds { self[queue].leases[worker] = nil }
        }
    }
}

// MARK: - Upkeep

extension ReferenceModel {
    /// - Returns: how many were moved, and whether any is left.
    mutating func promote(in queue: QueueName) -> (moved: Int, isAnyLeft: Bool) {
        let scheduled = self[queue].scheduled
        let due = scheduled.filter { $0.due <= hour }
            .sorted { ($0.due, $0.order) < ($1.due, $1.order) }
        self[queue].scheduled = scheduled.filter { $0.due > hour }
        self[queue].pending += due.map(\.job)
        return (due.count, !self[queue].scheduled.isEmpty)
    }

    /// The workers that can be declared lost, and when their lease ended.
    ///
    /// - Parameter onlyGone: by who has not held a lease of its own for long enough.
    func expired(in queue: QueueName, onlyGone: Bool) -> [String: Int] {
        self[queue].leases.filter {
            $0.value <= hour && (!onlyGone || self[queue].gone.contains($0.key))
        }
    }

    /// The process ends that all workers were part of: who holds jobs is known to be gone, and who holds
    /// none is forgotten.
    mutating func endProcess() {
        for queue in queues.keys {
            let holders = Set(self[queue].active.keys.map(\.worker))
            self[queue].leases = Dictionary(uniqueKeysWithValues: holders.map { ($0, Int.min) })
            self[queue].gone = holders
        }
    }

    /// - Returns: how many jobs went back; `nil`: the worker is not known.
    mutating func recover(_ worker: String, in queue: QueueName) -> Int? {
        guard self[queue].leases.removeValue(forKey: worker) != nil else { return nil }
        let held = self[queue].active.filter { $0.key.worker == worker }
            .sorted { $0.key.number < $1.key.number }
        for (token, _) in held { self[queue].active[token] = nil }
        self[queue].pending.insert(
            contentsOf: held.map { token, job in
                var job = job
                if job.isGarbage { return job }
                job.lost += 1
                job.id = job.id ?? "\(worker)-\(token.number)"
                return job
            }, at: 0)
        self[queue].totals.recovered += held.count
        return held.count
    }
}

// MARK: - Operators

extension ReferenceModel {
    mutating func setPaused(_ queue: QueueName, _ isPaused: Bool) {
        self[queue].isPaused = isPaused
    }

    /// Dead jobs that `isMeant` go to the tail of pending, in the order of their deaths.
    ///
    /// - Returns: the ids of those that did, and of those that may not.
    mutating func requeue(
        in queue: QueueName, where isMeant: (ModelJob) -> Bool
    ) -> (changed: [String], refused: [String]) {
        var changed: [String] = []
        var refused: [String] = []
        var kept: [ModelJob] = []
        for job in self[queue].dead {
            let id = job.id ?? "?"
            if !isMeant(job) {
                kept.append(job)
            } else if let key = job.uniqueKey, let holder = self[queue].holders[key], holder != id {
                kept.append(job)
                refused.append(id)
            } else {
                if let key = job.uniqueKey { self[queue].holders[key] = id }
                var renewed = ModelJob(
                    number: job.number, id: job.id, uniqueKey: job.uniqueKey,
                    isGarbage: job.isGarbage)
                if job.isGarbage { renewed.id = nil }
                self[queue].pending.append(renewed)
                changed.append(id)
            }
        }
        self[queue].dead = kept
        return (changed, refused)
    }

    /// Jobs that `isMeant` are dropped.
    ///
    /// - Parameter onlyDead: else pending and scheduled ones as well.
    /// - Returns: their ids.
    mutating func delete(
        in queue: QueueName, onlyDead: Bool, where isMeant: (ModelJob) -> Bool
    ) -> [String] {
        var dropped: [ModelJob] = self[queue].dead.filter(isMeant)
        self[queue].dead.removeAll(where: isMeant)
        if !onlyDead {
            dropped += self[queue].pending.filter(isMeant)
            for type in self[queue].aside.keys {
                dropped += self[queue].aside[type]?.filter(isMeant) ?? []
                self[queue].aside[type]?.removeAll(where: isMeant)
            }
            dropped += self[queue].scheduled.map(\.job).filter(isMeant)
            self[queue].pending.removeAll(where: isMeant)
            self[queue].scheduled.removeAll { isMeant($0.job) }
        }
        for job in dropped {
            if let id = job.id { self[queue].remembered[id] = nil }
            if let key = job.uniqueKey, self[queue].holders[key] == job.id {
                self[queue].holders[key] = nil
            }
        }
        return dropped.map { $0.id ?? "?" }
    }

    /// In which states there are jobs with this id.
    func states(of id: String) -> [QueueName: [JobState: Int]] {
        queues.mapValues { queue in
            var states: [JobState: Int] = [:]
            states[.pending] = queue.allPending.count { $0.id == id }
            states[.scheduled] = queue.scheduled.count { $0.job.id == id }
            states[.dead] = queue.dead.count { $0.id == id }
            states[.active] = queue.active.count { token, job in
                !(job.isGarbage && job.id == nil)
                    && (job.id ?? "\(token.worker)-\(token.number)") == id
            }
            return states.filter { $0.value > 0 }
        }
    }
}

extension ReferenceModel.Queue {
    /// The jobs of a line.
    subscript(source: ClaimSource) -> [ModelJob] {
        get {
            switch source {
            case .pending: pending
            case .aside(let type): aside[type.description] ?? []
            }
        }
        set {
            switch source {
            case .pending: pending = newValue
            case .aside(let type): aside[type.description] = newValue
            }
        }
    }

    /// Also those that wait aside.
    var allPending: [ModelJob] { pending + aside.values.joined() }
}
