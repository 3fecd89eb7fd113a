/// For how long this worker has held its own lease without a break. Only who has may take jobs back
/// from others: when the broker stood still for longer than a lease, every lease has ended, and nobody is
/// lost.
package struct OwnLease: Sendable {
    private var heldSince: MonotonicTime?
    private var lastSent = MonotonicTime(nanoseconds: 0)

    package init() {}

    /// The broker has kept the lease, by a request of `sentAt`.
    package mutating func kept(sentAt: MonotonicTime, answeredAt: MonotonicTime, lease: Duration) {
        // It may have been carried out as late as it was answered; the lease before it has ended no
        // earlier than one lease after it was asked for.
        if heldSince == nil || answeredAt.since(lastSent) >= lease { heldSince = answeredAt }
        lastSent = sentAt
    }

    /// The lease, or the connection, is lost.
    package mutating func lose() { heldSince = nil }

    /// How long it must still be held at `now` to have been held for one whole lease: zero when it has
    /// been, `nil` when it is not held at all.
    package func timeToUnbroken(at now: MonotonicTime, lease: Duration) -> Duration? {
        guard let heldSince, now.since(lastSent) < lease else { return nil }
        return max(lease - now.since(heldSince), .zero)
    }
}
