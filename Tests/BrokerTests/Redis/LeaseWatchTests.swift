import JobQueue
import Testing

@testable import RedisBroker

@Suite("Leases of others, by a daemon's own clock")
struct LeaseWatchTests {
    /// A queue as it is looked at once a second, with a Redis whose date can be set.
    private struct Scene {
        var watch = LeaseWatch()
        /// The daemon's clock and, without steps, Redis's: seconds.
        var time = 1_000.0
        var step = 0.0
        var ends: [String: Double] = [:]

        var redisTime: Double { time + step }
        private var now: MonotonicTime { MonotonicTime(nanoseconds: UInt64(time * 1e9)) }

        /// The worker keeps its lease, as it stands in Redis.
        mutating func keep(_ worker: String, lease: Double) {
            ends[worker] = redisTime + lease
        }

        mutating func look() {
            let entries = ends.map {
                LeaseWatch.Entry(worker: $0.key, end: "\(Int64($0.value * 1000))")
            }
            watch.note(
                entries, redisTime: Int64(redisTime * 1000), sentAt: now, answeredAt: now)
        }

        var over: [String] { watch.over(at: now).map(\.worker) }

        /// So many seconds pass with a look in each; healthy workers keep their leases.
        mutating func pass(_ seconds: Int, healthy: [String: Double] = [:]) {
            for second in 0..<seconds {
                time += 1
                for (worker, lease) in healthy where second % max(1, Int(lease / 5)) == 0 {
                    keep(worker, lease: lease)
                }
                look()
            }
        }
    }

    private static let steps: [Double] = [60, -60, 3600, -3600, 86_400 * 365, -86_400 * 365]

    @Test("a step of Redis's date ends no lease that is kept", arguments: steps)
    func healthy(step: Double) {
        var scene = Scene()
        scene.watch.know(.seconds(15), of: "a")
        scene.keep("a", lease: 15)
        scene.pass(20, healthy: ["a": 15])
        scene.step = step
        // The look comes before the next heartbeat, and after it.
        scene.look()
        #expect(scene.over.isEmpty)
        scene.pass(40, healthy: ["a": 15])
        #expect(scene.over.isEmpty)
    }

    @Test(
        "a worker that is gone is found after its lease, whenever the date is set", arguments: steps
    )
    func gone(step: Double) {
        // 0: in the very moment between its last heartbeat and the look.
        for before in [0, 1, 7, 14] {
            var scene = Scene()
            scene.watch.know(.seconds(15), of: "a")
            scene.keep("a", lease: 15)
            scene.pass(20, healthy: ["a": 15])
            scene.time += 1
            scene.keep("a", lease: 15)
            if before > 0 { scene.look() }
            scene.pass(before)
            scene.step = step
            // Not known is only when between two looks it was kept.
            scene.pass(before == 0 ? 13 : 14 - before)
            #expect(scene.over.isEmpty, "\(before)")
            scene.pass(3)
            #expect(scene.over == ["a"], "\(before)")
        }
    }

    @Test("several steps, one after the other, change nothing")
    func manySteps() {
        var scene = Scene()
        for worker in ["alive", "gone"] {
            scene.watch.know(.seconds(15), of: worker)
            scene.keep(worker, lease: 15)
        }
        scene.look()
        for step in [60.0, -3600, 60, 7200, -60] {
            scene.step += step
            scene.pass(3, healthy: ["alive": 15])
            if step > -60 || step < -60 { #expect(scene.over.isEmpty) }
        }
        scene.pass(1, healthy: ["alive": 15])
        #expect(scene.over == ["gone"])
    }

    @Test("who begins to look after the date was set back waits for one lease, not for the step")
    func fresh() {
        var scene = Scene()
        scene.keep("gone", lease: 15)
        scene.step = -3600
        scene.watch.know(.seconds(15), of: "gone")
        scene.look()
        scene.pass(14)
        #expect(scene.over.isEmpty)
        scene.pass(1)
        #expect(scene.over == ["gone"])
    }

    @Test("each worker's lease counts as long as its own")
    func lengths() {
        var scene = Scene()
        scene.watch.know(.seconds(5), of: "short")
        scene.watch.know(.seconds(60), of: "long")
        scene.keep("short", lease: 5)
        scene.keep("long", lease: 60)
        scene.look()
        scene.step = -3600
        scene.pass(5)
        #expect(scene.over == ["short"])
        scene.pass(54)
        #expect(scene.over == ["short"])
        scene.pass(1)
        #expect(scene.over == ["short", "long"])
    }

    @Test("of a worker that has not told how long its lease lasts Redis's date is believed")
    func untold() {
        var scene = Scene()
        scene.watch.know(nil, of: "old")
        scene.keep("old", lease: 30)
        scene.look()
        scene.pass(29)
        #expect(scene.over.isEmpty)
        scene.pass(1)
        #expect(scene.over == ["old"])
        scene.ends["stranger"] = 0
        #expect(
            scene.watch.strangers(among: [
                LeaseWatch.Entry(worker: "old", end: "1"),
                LeaseWatch.Entry(worker: "stranger", end: "0"),
            ]) == ["stranger"])
        scene.watch.know(nil, of: "stranger")
        scene.look()
        #expect(Set(scene.over) == ["old", "stranger"])
    }

    @Test("numbers that are no date are over at once, and trap nothing")
    func oddNumbers() {
        var scene = Scene()
        let now = MonotonicTime(nanoseconds: 1_000_000_000_000)
        let ends = ["inf", "-inf", "nan", "1e300", "-9223372036854775808", "", "x"]
        for end in ends { scene.watch.know(nil, of: end) }
        scene.watch.note(
            ends.map { LeaseWatch.Entry(worker: $0, end: $0) }, redisTime: .max, sentAt: now,
            answeredAt: now)
        #expect(scene.over.count == ends.count)
    }
}
