import JobQueue

/// What a transaction has changed so far beside the jobs: the counters of each queue, which are written
/// once for each transaction and not once for each job, and who is to be woken afterwards.
struct Tally {
    /// What is added to one queue's counters.
    struct Change {
        fileprivate(set) var states: [JobState: Int] = [:]
        fileprivate(set) var totals = QueueStats.Totals()
    }

    /// The ends of a line of pending jobs, or what lies beyond them.
    struct Line {
        var first: Int64
        var last: Int64
    }

    /// By the queue's number in the file.
    private(set) var changes: [Int64: Change] = [:]
    var lines: [Int64: Line] = [:]
    /// The numbers of queues, as far as they were asked for.
    var queues: [QueueName: Int64] = [:]
    /// Queues in which there is something to claim that was not there before.
    var awakened: Set<QueueName> = []

    /// Jobs go from one state to another; `nil`: they came, or are gone.
    mutating func move(
        _ count: Int = 1, from origin: JobState?, to target: JobState?, of queue: Int64
    ) {
        if let origin { changes[queue, default: Change()].states[origin, default: 0] -= count }
        if let target { changes[queue, default: Change()].states[target, default: 0] += count }
    }

    mutating func count(
        _ total: WritableKeyPath<QueueStats.Totals, Int>, _ count: Int = 1, of queue: Int64
    ) {
        changes[queue, default: Change()].totals[keyPath: total] += count
    }

    /// The changes are in the counters now.
    mutating func clearChanges() { changes = [:] }
}

extension JobState {
    /// As it stands in the file.
    var number: Int64 {
        switch self {
        case .pending: 0
        case .scheduled: 1
        case .active: 2
        case .dead: 3
        }
    }

    init?(number: Int64) {
        guard let state = Self.allCases.first(where: { $0.number == number }) else { return nil }
        self = state
    }
}
