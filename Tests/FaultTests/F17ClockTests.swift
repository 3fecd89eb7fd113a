import Foundation
import TestSupport
import Testing

/// One daemon's date is an hour late, the other's an hour early; Redis's own is right.
@Suite("F17 Clocks that are wrong")
struct F17ClockTests {
    @Test("delayed jobs are due by Redis's time, whichever daemon took them in")
    func delays() async throws {
        let scene = try await Scene()
        for (daemon, name) in [(scene.late, "late"), (scene.early, "early")] {
            func enqueue(_ id: String, delay: String) async throws {
                try await daemon.daemon.done(
                    "enqueue", "--type", "test:job", "--id", id, "--delay", delay)
            }
            let before = try scene.redis.milliseconds
            try await enqueue("far-\(name)", delay: "1d")
            let after = try scene.redis.milliseconds
            let record = try #require(
                try scene.scheduled.first { $0.envelope.contains("far-\(name)") })
            let day = 86_400_000
            #expect((before + day...after + day).contains(record.due))
            let enqueued = BareQueue.fields(of: record.envelope)["enqueued_at"] as? Int ?? 0
            #expect(abs(enqueued - before) > 3_500_000, "its clock is not wrong: \(enqueued)")

            let start = try scene.redis.milliseconds
            try await enqueue("near-\(name)", delay: "1500ms")
            await eventually { scene.effects.ended.contains("near-\(name)") }
            // Redis's time, to the millisecond; a second is promised.
            #expect(try scene.redis.milliseconds >= start + 1500)
        }
        // A retry's wait is Redis's as well: an hour would not pass here.
        try scene.queue.push(BareQueue.job("retried", #"{"fail_first":2}"#))
        await eventually { scene.effects.ended.contains("retried") }
    }

    @Test("neither takes the other's jobs while it lives, and both do when it is killed")
    func leases() async throws {
        for survivor in [\Scene.late, \Scene.early] {
            let scene = try await Scene()
            let gate = try FileGate()
            try scene.queue.push(
                BareQueue.job("t-1", gate.wait), BareQueue.job("t-2", gate.wait))
            await eventually(equals: 2) { scene.effects.started.count }
            let leases = try scene.queue.leases
            #expect(leases.count == 2)
            await eventually("both keep their leases for one more") {
                try scene.queue.leases.allSatisfy { $1 > (leases[$0] ?? .max - 1000) + 1000 }
            }
            #expect(scene.effects.started.count == 2, "none was taken back")

            let isLate = survivor == \Scene.late
            try await (isLate ? scene.early : scene.late).daemon.kill()
            try gate.open()
            await eventually(equals: 2, within: .seconds(20)) { try scene.queue.total("done") }
            #expect(
                try scene[keyPath: survivor].daemon.metric("jobqueue_jobs_recovered_total") == 1)
        }
    }

    @Test("a date that jumps while a job runs ends neither the job nor its lease")
    func jump() async throws {
        let scene = try await Scene()
        try await scene.early.daemon.drain()
        let gate = try FileGate()
        try scene.queue.push(BareQueue.job("t-1", gate.wait, more: #""timeout_ms":60000"#))
        await eventually(equals: ["t-1"]) { scene.effects.started }
        for hours in [2, -30, 24 * 365] {
            try scene.late.setClock(hours: hours)
            let end = try #require(try scene.queue.leases.values.first)
            await eventually { try scene.queue.leases.values.first ?? 0 > end }
            #expect(try scene.late.daemon.get("/healthz").status == 200)
        }
        try gate.open()
        await eventually(equals: 1) { try scene.queue.total("done") }
        #expect(scene.effects.started == ["t-1"])
        #expect(!scene.late.daemon.log.contains { $0.contains("lost its lease") })
        #expect(try await scene.late.daemon.drain() == .exited(0))
    }
}

extension F17ClockTests {
    /// A daemon whose date is wrong.
    fileprivate struct ShiftedDaemon {
        let daemon: DaemonProcess
        private let date: SettableDate

        init(hours: Int, _ redis: RedisServer, _ effects: EffectFile) async throws {
            date = try SettableDate(shift: hours * 3600)
            daemon = try await .ready(
                "jobqueued-testd", address: redis.address,
                ["--lease", "1s", "--concurrency", "1"], effects: effects,
                environment: date.environment)
        }

        func setClock(hours: Int) throws { try date.set(shift: hours * 3600) }
    }

    fileprivate struct Scene {
        let redis: RedisServer
        let effects: EffectFile
        let late: ShiftedDaemon
        let early: ShiftedDaemon
        var queue: BareQueue { BareQueue(redis) }

        init() async throws {
            redis = try await RedisServer()
            effects = try EffectFile()
            late = try await ShiftedDaemon(hours: -1, redis, effects)
            early = try await ShiftedDaemon(hours: 1, redis, effects)
        }

        /// Scheduled envelopes and when they are due, Unix milliseconds.
        var scheduled: [(envelope: String, due: Int)] {
            get throws {
                let words = try redis.command(
                    ["ZRANGE", queue.key("scheduled"), "0", "-1", "WITHSCORES"]
                ).texts
                return stride(from: 0, to: words.count - 1, by: 2).map {
                    (words[$0], Int(words[$0 + 1]) ?? 0)
                }
            }
        }
    }
}
