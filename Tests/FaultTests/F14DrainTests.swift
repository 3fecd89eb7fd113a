import Glibc
import TestSupport
import Testing

@Suite("F14 Draining under faults")
struct F14DrainTests {
    @Test("slots that become free while it drains take up nothing, whatever waits")
    func nothingIsClaimed() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let effects = try EffectFile()
        let gate = try FileGate()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--concurrency", "4"], effects: effects)
        let running = (0..<4).map { "t-\($0)" }
        try queue.push(running.map { Array(BareQueue.job($0, gate.wait).utf8) })
        try queue.push((0..<100).map { Array(BareQueue.job("t-late-\($0)").utf8) })
        await eventually { Set(effects.started) == Set(running) }
        daemon.signal(SIGTERM)
        try await daemon.child.line(containing: "draining (SIGTERM)")
        try gate.open()
        #expect(try await daemon.child.waitForExit() == .exited(0))
        #expect(Set(effects.ended) == Set(running))
        #expect(try queue.pending.count == 100)
        #expect(try queue.leases.isEmpty)
    }

    @Test("a job that is given back has the attempts that it had before")
    func attempts() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let effects = try EffectFile()
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--drain-timeout", "200ms"],
            effects: effects)
        try queue.push(
            BareQueue.job("t-1", #"{"says_start":true,"fail_first":2,"ms":60000}"#))
        await eventually(equals: 3) { effects.started.count }
        #expect(try await daemon.drain() == .exited(0))
        let record = BareQueue.fields(of: try #require(try queue.pending.first))
        #expect(record["attempts"] as? Int == 2)
        #expect(record["released"] as? Int == 1)
    }

    @Test("Redis is away: it ends by its limits, and the outcomes and jobs are there afterwards")
    func redisIsAway() async throws {
        let scene = try await Scene(drainTimeout: "300ms")
        try await scene.run(jobs: 6)
        try await scene.redis.kill()
        await eventually(equals: 503) { try scene.daemon.get("/healthz").status }
        scene.daemon.signal(SIGTERM)
        try await scene.daemon.child.line(containing: "draining")
        try scene.gate.open()
        // The limit of the drain, and 5 s for the last outcomes.
        #expect(try await scene.daemon.child.waitForExit(within: .seconds(20)) == .exited(0))
        try await scene.redis.restart()
        try await scene.expectAllEnd(duplicates: 6)
    }

    @Test("Redis stands still: it ends within what was promised, with or without an outcome")
    func redisStandsStill() async throws {
        for jobs in [0, 2] {
            let scene = try await Scene(drainTimeout: "300ms")
            if jobs > 0 { try await scene.run(jobs: jobs) }
            scene.redis.signal(SIGSTOP)
            try scene.gate.open()
            let began = ContinuousClock.now
            scene.daemon.signal(SIGTERM)
            #expect(
                try await scene.daemon.child.waitForExit(within: .seconds(30)) == .exited(0))
            // The drain, 5 s to sign off, and what a busy machine adds; a request's limit is 5 s more.
            #expect(ContinuousClock.now - began < .seconds(8))
            scene.redis.signal(SIGCONT)
        }
    }

    @Test("Redis comes back while it drains: every outcome is written and nothing runs twice")
    func redisComesBack() async throws {
        let scene = try await Scene(drainTimeout: "30s")
        try await scene.run(jobs: 6)
        try await scene.redis.kill()
        await eventually(equals: 503) { try scene.daemon.get("/healthz").status }
        scene.daemon.signal(SIGTERM)
        try await scene.daemon.child.line(containing: "draining")
        try scene.gate.open()
        await eventually(equals: 6) { scene.effects.ended.count }
        try await scene.redis.restart()
        #expect(try await scene.daemon.child.waitForExit(within: .seconds(30)) == .exited(0))
        #expect(try scene.queue.total("done") == 6)
        #expect(try scene.queue.leases.isEmpty)
        #expect(scene.effects.ended.count == 6)
    }

    @Test("kill -9 while it drains loses nothing")
    func killed() async throws {
        let scene = try await Scene(drainTimeout: "30s")
        try await scene.run(jobs: 6)
        scene.daemon.signal(SIGTERM)
        try await scene.daemon.child.line(containing: "draining")
        try await scene.daemon.kill()
        try scene.gate.open()
        try await scene.expectAllEnd(duplicates: 6)
    }
}

extension F14DrainTests {
    /// A daemon, the Redis that it works on, and jobs that wait at a gate.
    private struct Scene {
        let redis: RedisServer
        let effects: EffectFile
        let gate: FileGate
        let daemon: DaemonProcess
        let ledger = Ledger()
        var queue: BareQueue { BareQueue(redis) }

        init(drainTimeout: String) async throws {
            redis = try await RedisServer(appendOnly: true)
            effects = try EffectFile()
            gate = try FileGate()
            daemon = try await DaemonProcess.ready(
                "jobqueued-testd", address: redis.address,
                ["--drain-timeout", drainTimeout, "--kill-grace", "300ms"], effects: effects)
        }

        /// Enqueues jobs that wait at the gate, and returns when all run.
        func run(jobs: Int) async throws {
            for number in 0..<jobs {
                try queue.push(BareQueue.job("t-\(number)", gate.wait))
                ledger.answered("t-\(number)")
            }
            await eventually { Set(effects.started) == ledger.answered }
        }

        /// The daemon is started again, and every job comes to its end, once.
        func expectAllEnd(duplicates: Int) async throws {
            try daemon.restart()
            await eventually(equals: ledger.answered.count, within: .seconds(20)) {
                try queue.total("done")
            }
            #expect(try await daemon.drain() == .exited(0))
            let verdict = Verdict(
                ledger: ledger, ended: effects.ended,
                snapshot: try QueueSnapshot(of: redis, queues: ["default"]),
                duplicatesAllowed: duplicates)
            #expect(verdict.problems == [])
        }
    }
}
