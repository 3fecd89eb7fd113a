import Foundation
import TestSupport
import Testing

/// As many jobs as threads, each of which holds its thread whatever it is told, and as many others behind them.
@Suite("F16 Handlers that block every thread")
struct F16BlockedThreadsTests {
    private static let threads = ProcessInfo.processInfo.activeProcessorCount
    private static let jobs = threads * 2

    @Test("its lease, control socket, pages and watchdog live on; others get its jobs, once each")
    func livesOn() async throws {
        let notify = try NotifySocket()
        let scene = try await Scene(
            ["--kill-grace", "300ms"],
            environment: notify.environment.merging(["WATCHDOG_USEC": "200000"]) { $1 })
        try await scene.block(attempts: 1, more: #""timeout_ms":10000"#)

        let lease = try #require(try scene.queue.leases.values.first)
        let beats = Self.beats(notify)
        await eventually("three heartbeats of the lease, three of the watchdog") {
            try scene.queue.leases.values.first ?? 0 > lease + 2_500
                && Self.beats(notify) > beats + 3
        }
        #expect(try scene.daemon.get("/healthz").status == 200)
        #expect(try await scene.daemon.done("pause", "elsewhere") == ["paused elsewhere"])

        // Those that did not begin run elsewhere at once, the others when their time is over.
        let other = try await DaemonProcess.ready(
            "jobqueued-testd", address: scene.redis.address, ["--lease", "1s"],
            effects: scene.effects)
        await eventually(equals: Self.jobs, within: .seconds(60)) { try scene.queue.total("done") }
        await eventually(equals: Double(Self.jobs), "the other has done them all") {
            try other.metric(#"jobqueue_jobs_processed_total{type="test:job"}"#)
        }
        #expect(try other.metric("jobqueue_jobs_recovered_total") == 0)
        #expect(try scene.queue.total("retried") == Self.threads)
        let started = scene.effects.started.count

        // What comes too late counts for nothing, and what had no thread does not begin any more.
        try scene.gate.open()
        await eventually(equals: 0) { try scene.daemon.metric("jobqueue_slots_busy") }
        #expect(scene.effects.started.count == started)
        #expect(try scene.queue.total("done") == Self.jobs)
        #expect(try scene.daemon.metric(#"jobqueue_jobs_processed_total{type="test:job"}"#) == 0)
    }

    @Test("a drain ends by its limits, and every job goes back with no attempt used")
    func drain() async throws {
        let scene = try await Scene(["--drain-timeout", "300ms", "--kill-grace", "300ms"])
        try await scene.block()
        #expect(try await scene.daemon.drain(within: .seconds(20)) == .exited(0))
        let pending = try scene.queue.pending.map(BareQueue.fields)
        #expect(pending.count == Self.jobs)
        #expect(pending.allSatisfy { $0["attempts"] as? Int ?? 0 == 0 })
        #expect(try scene.queue.leases.isEmpty)
    }

    private static func beats(_ notify: NotifySocket) -> Int {
        notify.messages.count { $0.contains("WATCHDOG=1") }
    }
}

extension F16BlockedThreadsTests {
    /// A daemon that has as many slots as there are jobs.
    private struct Scene {
        let redis: RedisServer
        let effects: EffectFile
        let gate: FileGate
        let daemon: DaemonProcess
        var queue: BareQueue { BareQueue(redis) }

        init(_ arguments: [String], environment: [String: String] = [:]) async throws {
            redis = try await RedisServer()
            effects = try EffectFile()
            gate = try FileGate()
            daemon = try await DaemonProcess.ready(
                "jobqueued-testd", address: redis.address,
                ["--lease", "5s", "--concurrency", "\(F16BlockedThreadsTests.jobs)"] + arguments,
                effects: effects, environment: environment)
        }

        /// Returns when each thread is held by a job, which lasts until the gate opens, whatever becomes of the job
        /// in the meantime, and the others have waited for one in vain.
        func block(attempts: Int = .max, more: String = "") async throws {
            func push(_ range: Range<Int>, _ payload: String) throws {
                try queue.push(
                    range.map { Array(BareQueue.job("t-\($0)", payload, more: more).utf8) })
            }
            try push(0..<F16BlockedThreadsTests.threads, gate.block(attempts: attempts))
            let threads = F16BlockedThreadsTests.threads
            await eventually("all threads are held") { effects.started.count >= threads }
            try push(threads..<F16BlockedThreadsTests.jobs, "{}")
            await eventually("the others are back") {
                try queue.pending.count == threads
                    && daemon.metric("jobqueue_slots_busy") == Double(threads)
            }
        }
    }
}
