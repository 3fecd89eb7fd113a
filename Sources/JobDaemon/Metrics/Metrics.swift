import JobQueue
import LinuxSystem
import Synchronization

/// Counts what became of jobs, from the start of this process.
///
/// It is on the path of every job: one lock for a batch, then a look-up and a few additions for each
/// event. The number of series is given by what has a handler, not by producers.
package final class Metrics: Sendable {
    let queues: LabelSet<QueueName>
    let version: String
    /// Whether what is written in the files is what holds.
    let configuration: ConfigurationState
    private let counts: Mutex<Counts>

    /// What is counted. The arrays go by the indexes of `labels` and `queues`.
    struct Counts: Sendable {
        var labels: TypeLabels
        var types: [TypeCounts]
        var waits: [Histogram]
        var trimmed: [UInt64]
        var recovered: UInt64 = 0
        var leasesLost: UInt64 = 0
    }

    struct TypeCounts: Sendable {
        var done: UInt64 = 0
        var dead: UInt64 = 0
        var retried: UInt64 = 0
        var processing = Histogram.processing
    }

    /// - Parameters:
    ///   - types: those that have a handler.
    ///   - families: those that have one for all types that begin alike.
    ///   - queues: those that this daemon works on.
    package init(
        types: [JobType], families: [JobTypePattern] = [], queues: [QueueName], version: String,
        configuration: ConfigurationState = ConfigurationState(
            unixMilliseconds: SystemClock.unixMilliseconds)
    ) {
        let labels = TypeLabels(types.map { JobTypePattern($0) } + families)
        self.configuration = configuration
        self.queues = LabelSet(queues)
        self.version = version
        counts = Mutex(
            Counts(
                labels: labels, types: labels.values.map { _ in TypeCounts() },
                waits: self.queues.values.map { _ in .wait },
                trimmed: self.queues.values.map { _ in 0 }))
    }

    /// From now on these types have a handler, too. What was counted stays, also of types that have none
    /// any more.
    func know(_ types: [JobType], families: [JobTypePattern] = []) {
        counts.withLock { counts in
            let labels = TypeLabels(
                counts.labels.names + types.map { JobTypePattern($0) } + families)
            var renumbered = labels.values.map { _ in TypeCounts() }
            for (name, count) in zip(counts.labels.values, counts.types) {
                if let index = labels.values.firstIndex(of: name) { renumbered[index] = count }
            }
            counts.labels = labels
            counts.types = renumbered
        }
    }

    /// Counts the events of a batch.
    package func record(_ events: [JobEvent]) {
        counts.withLock { counts in
            var place: Place?
            for event in events {
                // Events come in rows of one type and queue, which then is looked up once.
                if let place, place.isOf(event) {
                    count(event, at: place, in: &counts)
                    continue
                }
                let next = self.place(of: event, counts)
                count(event, at: next, in: &counts)
                place = next
            }
        }
    }

    /// Counts what was taken back from a lost worker.
    package func recovered(_ recovery: Recovery) {
        counts.withLock { $0.recovered &+= UInt64(clamping: recovery.jobs) }
    }

    /// Counts dead letters that were dropped.
    package func trimmed(_ count: Int, of queue: QueueName) {
        let index = queues.index(of: queue)
        counts.withLock { $0.trimmed[index] &+= UInt64(clamping: count) }
    }

    /// What was counted until now; a copy, so that whoever writes it down holds up nobody.
    var current: Counts { counts.withLock { $0 } }

    /// Where the events of one type and queue are counted.
    private struct Place {
        let type: JobType?
        let queue: QueueName
        let typeIndex: Int
        let queueIndex: Int

        func isOf(_ event: JobEvent) -> Bool { event.type == type && event.queue == queue }
    }

    private func place(of event: JobEvent, _ counts: Counts) -> Place {
        Place(
            type: event.type, queue: event.queue,
            typeIndex: event.type.map(counts.labels.index(of:)) ?? counts.labels.rest,
            queueIndex: queues.index(of: event.queue))
    }

    private func count(_ event: JobEvent, at place: Place, in counts: inout Counts) {
        switch event.kind {
        case .done: counts.types[place.typeIndex].done &+= 1
        case .dead: counts.types[place.typeIndex].dead &+= 1
        case .retried: counts.types[place.typeIndex].retried &+= 1
        // The job will start again here, and is counted then.
        case .released, .putOff: return
        // Whoever has the job now counts it.
        case .refused:
            counts.leasesLost &+= 1
            return
        }
        if let run = event.run { counts.types[place.typeIndex].processing.observe(run) }
        if let wait = event.wait { counts.waits[place.queueIndex].observe(wait) }
    }
}
