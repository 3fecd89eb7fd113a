/// Since when each queue's head has stood there, for jobs whose producers do not say when they were
/// enqueued: the first time that it was seen is a lower bound of its age.
package struct PendingHeads: Sendable {
    private var seen: [QueueName: (digest: Int, since: Int64)] = [:]

    package init() {}

    /// - Parameters:
    ///   - envelope: The head of `queue`'s pending jobs; empty: there are none.
    ///   - now: Unix milliseconds.
    /// - Returns: Unix milliseconds; `nil` when nothing is pending.
    package mutating func since(_ queue: QueueName, _ envelope: [UInt8], now: Int64) -> Int64? {
        guard !envelope.isEmpty else {
            seen[queue] = nil
            return nil
        }
        let digest = envelope.hashValue
        if let known = seen[queue], known.digest == digest { return known.since }
        seen[queue] = (digest, now)
        return now
    }
}
