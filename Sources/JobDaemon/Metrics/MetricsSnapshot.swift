import JobQueue
import LinuxSystem

/// What is not counted but looked up for each page: the state of the daemon and of its queues.
package struct MetricsSnapshot: Sendable {
    package var slots = 0
    package var slotsBusy = 0
    package var isBrokerUp = true
    /// How often the connection to the broker came back.
    package var reconnects = 0
    package var droppedLogLines = 0
    /// `nil`: it could not be read, and is left out.
    package var process: ProcessStatistics?
    /// By label. `nil`: the broker did not tell, and they are left out.
    private(set) var queues: [String: QueueGauges]?

    /// The present state of one queue, or of all that are `other` together.
    struct QueueGauges: Sendable, Equatable {
        var counts: [JobState: UInt64] = [:]
        /// It, or one of those that are `other`, is paused.
        var isPaused = false
        /// The age of the job at the head of pending; `nil`: it has none that is known.
        var oldestPending: Duration?
    }

    /// Starts with what the kernel tells of this process.
    package init() {
        // A page without these says more than no page.
        process = try? ProcessStatistics.read()
    }

    /// Adds the broker's counts. `names` are the queues that have a label of their own; one that the
    /// broker does not know yet is empty.
    package mutating func add(
        _ stats: BrokerStats, unixMilliseconds: Int64, of names: [QueueName]
    ) {
        let labels = LabelSet(names)
        var gauges = queues ?? [:]
        for queue in stats.queues {
            let label = labels.values[labels.index(of: queue.queue)]
            gauges[label, default: QueueGauges()].add(queue, at: unixMilliseconds)
        }
        queues = gauges
    }
}

extension MetricsSnapshot.QueueGauges {
    mutating func add(_ stats: QueueStats, at unixMilliseconds: Int64) {
        for (state, count) in [
            (JobState.pending, stats.pending), (.scheduled, stats.scheduled),
            (.active, stats.active), (.dead, stats.dead),
        ] {
            counts[state, default: 0] &+= UInt64(clamping: count)
        }
        if stats.isPaused { isPaused = true }
        if let age = stats.oldestPendingAge(at: unixMilliseconds) {
            oldestPending = max(oldestPending ?? age, age)
        }
    }

    var isEmpty: Bool { counts[.pending, default: 0] == 0 }
}
