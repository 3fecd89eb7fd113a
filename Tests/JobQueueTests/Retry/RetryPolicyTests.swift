import JobQueue
import Testing

@Suite("The retry policy")
struct RetryPolicyTests {
    @Test(
        "the wait doubles with each failed attempt, up to the limit",
        arguments: [(1, 1), (2, 2), (3, 4), (4, 8), (11, 1024), (12, 2048), (13, 3600), (25, 3600)])
    func doubles(attempt: Int, seconds: Int) {
        #expect(RetryPolicy().delay(afterFailureOf: attempt, jitter: 1) == .seconds(seconds))
    }

    @Test("jitter keeps a share of the wait, so that jobs that failed together come back apart")
    func jitter() {
        let policy = RetryPolicy(base: .seconds(8), max: .seconds(60))
        #expect(policy.delay(afterFailureOf: 2, jitter: 0.5) == .seconds(8))
        #expect(policy.delay(afterFailureOf: 2, jitter: 0.75) == .seconds(12))
        #expect(policy.delay(afterFailureOf: 9, jitter: 0.5) == .seconds(30))
    }

    @Test("no wait is over the limit or under half of what it doubles to, whatever the numbers are")
    func bounds() {
        let random = RandomSource.seeded(20_240_607)
        for _ in 0..<20_000 {
            let base = Duration.nanoseconds(Int64(random.bits() % 10_000_000_000_000))
            let max = Duration.nanoseconds(Int64(random.bits() % 100_000_000_000_000))
            let attempt = Int(random.bits() % 60) + 1
            let jitter = 0.5 + random.share / 2
            let delay = RetryPolicy(base: base, max: max)
                .delay(afterFailureOf: attempt, jitter: jitter)
            var whole = Swift.min(base, max)
            for _ in 1..<attempt { whole = Swift.min(whole * 2, max) }
            #expect(delay <= max, "base \(base), max \(max), attempt \(attempt), jitter \(jitter)")
            // A share of a wait is rounded to what a Double can tell apart.
            #expect(delay >= whole / 2 - .nanoseconds(1))
            #expect(delay <= whole)
        }
    }

    @Test("the whole wait is never over the limit, however odd the limit is")
    func wholeWait() {
        let random = RandomSource.seeded(7)
        for _ in 0..<5_000 {
            let (seconds, attoseconds) = (random.bits() % 1_000_000, random.bits() % 1_000_000)
            let max = Duration(
                secondsComponent: Int64(seconds), attosecondsComponent: Int64(attoseconds))
            let delay = RetryPolicy(base: .seconds(1), max: max)
                .delay(afterFailureOf: 40, jitter: 1)
            #expect(delay <= max)
        }
    }

    @Test("a first wait over the limit is cut to the limit")
    func baseOverMax() {
        let policy = RetryPolicy(base: .seconds(100), max: .seconds(3))
        #expect(policy.delay(afterFailureOf: 1, jitter: 1) == .seconds(3))
        #expect(policy.delay(afterFailureOf: 7, jitter: 1) == .seconds(3))
    }

    @Test("without a first wait there is none at all")
    func zeroBase() {
        let policy = RetryPolicy(base: .zero)
        #expect(policy.delay(afterFailureOf: 1, jitter: 1) == .zero)
        #expect(policy.delay(afterFailureOf: .max, jitter: 0.5) == .zero)
    }

    @Test(
        "the wait is found in a few steps, however many attempts there were",
        arguments: [Duration.nanoseconds(1), .seconds(1), .seconds(3600)])
    func hugeAttempts(base: Duration) {
        let policy = RetryPolicy(base: base)
        // Counting up to the attempt's number would take years.
        #expect(policy.delay(afterFailureOf: .max, jitter: 1) == .seconds(3600))
    }

    @Test("an attempt's number below one counts as the first", arguments: [0, -1, Int.min])
    func oddAttempts(attempt: Int) {
        #expect(RetryPolicy().delay(afterFailureOf: attempt, jitter: 1) == .seconds(1))
    }

    @Test("a limit of centuries is no trouble")
    func hugeMax() {
        let policy = RetryPolicy(base: .seconds(Int64.max), max: .seconds(Int64.max))
        #expect(policy.delay(afterFailureOf: 1000, jitter: 0.5) > .seconds(Int64.max / 4))
    }
}
