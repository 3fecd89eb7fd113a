/// The beginning of the job at the head of pending, for its age.
package struct PendingHead: Sendable {
    /// Empty: nothing is pending.
    let beginning: [UInt8]
    let size: Int

    /// So many bytes of the head are looked at, so that its age costs the same however large it is.
    package static let beginning = 4096

    package init(beginning: [UInt8], size: Int) {
        self.beginning = beginning
        self.size = size
    }

    /// Since when it waits for its run, Unix milliseconds: when it was enqueued, or became due, was requeued or
    /// taken back later. `nil`: it does not say in its beginning.
    package var pendingSince: Int64? {
        var times: [EnvelopeField: Int64] = [:]
        let text = beginning.span
        var scanner = JSONScanner()
        do throws(JSONError) {
            try scanner.enterObject(in: text)
            while let name = try scanner.nextName(in: text) {
                let value = try scanner.value(in: text)
                guard !name.hasEscapes, value.range.upperBound < beginning.count else { continue }
                let contents = name.range.lowerBound + 1..<name.range.upperBound - 1
                switch EnvelopeField.named(text.extracting(contents)) {
                case .enqueuedAt?, .pendingAt?, .failedAt?:
                    guard let time = value.integer(in: beginning),
                        let field = EnvelopeField.named(text.extracting(contents))
                    else { continue }
                    times[field] = min(
                        max(time, EnvelopeLimits.time.lowerBound), EnvelopeLimits.time.upperBound)
                default: continue
                }
            }
        } catch {
            // Here the beginning ends; or it is no envelope, and what it says is as good as nothing.
            if size == beginning.count { return nil }
        }
        return times.values.max()
    }
}

/// Since when each queue's head has stood there, for jobs that do not say when they became pending: the first time
/// that it was seen is a lower bound of its age.
package struct PendingHeads: Sendable {
    private var seen: [QueueName: (digest: Int, since: Int64)] = [:]

    package init() {}

    /// - Parameters:
    ///   - head: The head of `queue`'s pending jobs.
    ///   - now: Unix milliseconds.
    /// - Returns: Unix milliseconds; `nil` when nothing is pending.
    package mutating func since(
        _ queue: QueueName, _ head: PendingHead, now: Int64
    ) -> Int64? {
        guard head.size > 0 else {
            seen[queue] = nil
            return nil
        }
        var hasher = Hasher()
        hasher.combine(head.beginning)
        hasher.combine(head.size)
        let digest = hasher.finalize()
        if let known = seen[queue], known.digest == digest { return known.since }
        seen[queue] = (digest, now)
        return now
    }
}

extension PendingHeads {
    /// Since when the job waits that has waited longest: the head of pending, or of those that wait aside. Of
    /// those that do not say since when, one is looked at.
    package mutating func oldest(
        of heads: [PendingHead], in queue: QueueName, now: Int64
    ) -> Int64? {
        let heads = heads.filter { $0.size > 0 }
        let first = heads.first ?? PendingHead(beginning: [], size: 0)
        let firstSeen = since(queue, first, now: now)
        let times = heads.dropFirst().compactMap(\.pendingSince)
        return (times + [first.pendingSince ?? firstSeen].compactMap { $0 }).min()
    }
}
