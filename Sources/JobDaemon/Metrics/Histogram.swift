/// How often a duration fell into which bucket.
struct Histogram: Sendable, Equatable {
    /// The upper ends of the buckets, rising; the last bucket, without an end, is not among them.
    let bounds: [Duration]
    /// The same as numbers: each job is compared with them.
    private let nanoseconds: [UInt64]
    /// One for each bucket, the last one included; not cumulative.
    private(set) var counts: [UInt64]
    private var sumOfNanoseconds: UInt128 = 0

    init(bounds: [Duration]) {
        self.bounds = bounds
        nanoseconds = bounds.map(\.wholeNanoseconds)
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// Counts one duration. Durations come from producers' clocks as well: they are taken as at least
    /// nothing and at most ten years, so that the sum cannot overflow.
    mutating func observe(_ duration: Duration) {
        let duration = min(duration.wholeNanoseconds, Self.longest)
        sumOfNanoseconds &+= UInt128(duration)
        // Most jobs are short, and found at once.
        var bucket = 0
        while bucket < bounds.count, duration > nanoseconds[bucket] { bucket += 1 }
        counts[bucket] &+= 1
    }

    /// What was counted, together.
    var sumInSeconds: Double { Double(sumOfNanoseconds) / 1e9 }

    private static let longest = Duration.seconds(10 * 365 * 86_400).wholeNanoseconds
}

extension Histogram {
    /// For the run of one attempt: 1 ms to 30 min, the default limit of an attempt.
    static let processing = Histogram(
        bounds: milliseconds([
            1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
            1_800_000,
        ]))

    /// For the wait of a due job: 1 ms to 1 h.
    static let wait = Histogram(
        bounds: milliseconds([
            1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 15_000, 60_000, 300_000, 900_000,
            3_600_000,
        ]))

    private static func milliseconds(_ numbers: [Double]) -> [Duration] {
        numbers.map { .milliseconds($0) }
    }
}
