/// How long to wait before the next try to connect: twice the last limit each time, and a random
/// share of it ("full jitter"), so that many daemons do not come back together.
package struct Backoff: Sendable {
    private let base: Duration
    private let cap: Duration
    private var limit: Duration

    package init(base: Duration = .milliseconds(50), cap: Duration = .seconds(2)) {
        self.base = base
        self.cap = cap
        limit = base
    }

    /// The wait before the next try. `share` is a random number of 0..<1.
    package mutating func next(share: Double) -> Duration {
        defer { limit = min(limit * 2, cap) }
        return limit * share
    }

    /// The last connection has lasted so long. Longer than any wait, and it was a good one: begin anew.
    /// Who lets connections be made and ends them soon is not asked in a circle.
    package mutating func connectionLasted(_ time: Duration) {
        if time >= cap { limit = base }
    }
}
