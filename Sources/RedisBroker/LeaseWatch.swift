import JobQueue

/// When the leases of one queue's workers are over, by this daemon's own clock.
///
/// In Redis a lease ends at a date of Redis's clock, which may be set while it lasts. So the date only tells
/// how long the lease lasts from where it is first seen, within what is known anyhow: it was kept since the
/// last look, and not for longer than the worker's lease. From then on the daemon's own clock counts, which is
/// never set. As long as the date stands there unchanged, the worker was not heard of.
struct LeaseWatch {
    /// A worker in the queue, as Redis has it.
    struct Entry: Equatable {
        let worker: String
        /// The end of its lease in Redis's words, by which the same end is known again.
        let end: String
    }

    private struct Lease {
        let end: String
        let over: MonotonicTime
    }

    private var leases: [String: Lease] = [:]
    /// `nil` within: the worker has not told how long its lease lasts.
    private var lengths: [String: Duration?] = [:]
    private var lastLook: MonotonicTime?

    /// Those of which it was not asked yet how long their lease lasts.
    func strangers(among entries: [Entry]) -> [String] {
        entries.map(\.worker).filter { lengths.index(forKey: $0) == nil }
    }

    /// How long a worker's lease lasts each time that it is kept; `nil`: it has not told, as earlier versions
    /// have not. Then Redis's date is all that there is to go by.
    mutating func know(_ length: Duration?, of worker: String) {
        lengths.updateValue(length, forKey: worker)
    }

    /// Takes in what a look at the queue has found.
    ///
    /// - Parameters:
    ///   - entries: All workers of the queue.
    ///   - redisTime: Redis's date when it looked, Unix milliseconds.
    ///   - sentAt: When Redis was asked.
    ///   - answeredAt: When it had answered.
    mutating func note(
        _ entries: [Entry], redisTime: Int64, sentAt: MonotonicTime, answeredAt: MonotonicTime
    ) {
        let sinceLastLook = lastLook.map { answeredAt.since($0) }
        var present: [String: Lease] = [:]
        for entry in entries {
            if let known = leases[entry.worker], known.end == entry.end {
                present[entry.worker] = known
                continue
            }
            let length = lengths[entry.worker] ?? nil
            let end = Double(entry.end).flatMap { Int64(exactly: $0.rounded()) } ?? 0
            let (left, overflow) = end.subtractingReportingOverflow(redisTime)
            let told: Duration = overflow ? .zero : .milliseconds(left)
            // It was kept since the last look, if there was one.
            let atLeast = sinceLastLook.map { max((length ?? .zero) - $0, .zero) } ?? .zero
            present[entry.worker] = Lease(
                end: entry.end,
                over: answeredAt.advanced(by: min(max(told, atLeast), length ?? Self.longest)))
        }
        leases = present
        lengths = lengths.filter { present[$0.key] != nil }
        lastLook = sentAt
    }

    /// No lease can be set to last longer.
    private static let longest = Duration.seconds(3600)

    /// The workers whose lease is over at `now`, that first whose lease ended first; with the end that must
    /// still stand there when it is declared lost.
    func over(at now: MonotonicTime) -> [Entry] {
        leases.filter { $0.value.over <= now }
            // Those that were over at the first look have only Redis's date to tell them apart.
            .map { (over: $0.value.over, date: Double($0.value.end) ?? 0, lease: $0) }
            .sorted { ($0.over, $0.date, $0.lease.key) < ($1.over, $1.date, $1.lease.key) }
            .map { Entry(worker: $0.lease.key, end: $0.lease.value.end) }
    }

    /// How long until the next lease is over if it is not kept; `nil`: there is none.
    ///
    /// - Parameter except: Whose lease is of no interest.
    func nextEnd(at now: MonotonicTime, except: String?) -> Duration? {
        leases.filter { $0.key != except && $0.value.over > now }
            .values.map(\.over).min().map { $0.since(now) }
    }
}
