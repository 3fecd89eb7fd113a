import Redis
import Testing

@Suite("Waiting between tries to connect")
struct BackoffTests {
    @Test("the limit doubles from 50 ms up to 2 s")
    func limits() {
        var backoff = Backoff()
        let waits = (0..<8).map { _ in backoff.next(share: 1) }
        #expect(
            waits == [50, 100, 200, 400, 800, 1600, 2000, 2000].map { Duration.milliseconds($0) })
    }

    @Test("each wait is a share of the limit, down to none", arguments: [0, 0.25, 0.5])
    func share(_ share: Double) {
        var backoff = Backoff()
        _ = backoff.next(share: 1)
        #expect(backoff.next(share: share) == .milliseconds(100) * share)
        #expect(backoff.next(share: share) == .milliseconds(200) * share)
    }

    @Test("after a connection that lasted longer than any wait it begins anew")
    func lasting() {
        var backoff = Backoff(base: .seconds(1), cap: .seconds(30))
        for _ in 0..<4 { _ = backoff.next(share: 1) }
        backoff.connectionLasted(.seconds(30))
        #expect(backoff.next(share: 1) == .seconds(1))
    }

    @Test("a connection that ends sooner is one more try that failed")
    func short() {
        var backoff = Backoff(base: .seconds(1), cap: .seconds(30))
        for _ in 0..<3 { _ = backoff.next(share: 1) }
        backoff.connectionLasted(.seconds(29))
        #expect(backoff.next(share: 1) == .seconds(8))
    }
}
