import Synchronization

/// How many dead letters of a queue are kept, and for how long.
package struct DeadLimits: Sendable, Hashable {
    /// `nil`: any number.
    package var count: Int?
    /// `nil`: for ever.
    package var age: Duration?

    package init(count: Int? = nil, age: Duration? = nil) {
        self.count = count
        self.age = age
    }

    /// Whether all are kept.
    package var areNone: Bool { count == nil && age == nil }
}

/// What came of one slice of dropping dead letters.
package struct TrimmedSlice: Sendable, Equatable {
    package let dropped: Int
    /// There are more to drop.
    package let hasMore: Bool

    package init(dropped: Int, hasMore: Bool) {
        self.dropped = dropped
        self.hasMore = hasMore
    }
}

/// The limits of each queue's dead letters. They may change while the daemon works.
package final class DeadRetention: Sendable {
    private let limits: Mutex<@Sendable (QueueName) -> DeadLimits>
    /// Rings when others hold.
    let changed = Bell()

    package init(_ limits: @escaping @Sendable (QueueName) -> DeadLimits = { _ in DeadLimits() }) {
        self.limits = Mutex(limits)
    }

    /// What holds from now on.
    package func use(_ limits: @escaping @Sendable (QueueName) -> DeadLimits) {
        self.limits.withLock { $0 = limits }
        changed.ring()
    }

    package func limits(of queue: QueueName) -> DeadLimits { limits.withLock { $0 }(queue) }
}
