import Glibc
import TestSupport
import Testing

@Suite("A daemon that is killed")
struct RecoveryTests {
    @Test("another daemon runs its ten jobs when its lease has ended, and none is lost")
    func byAnother() async throws {
        let redis = try await RedisServer()
        let (first, second) = (try EffectFile(), try EffectFile())
        let killed = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--lease", "1s"], effects: first)
        let ids = try await Self.start(10, on: killed, first)
        let other = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--lease", "1s"], effects: second)
        try await killed.kill()
        await eventually("all ten run again", within: .seconds(20)) {
            Set(second.started) == Set(ids)
        }
        #expect(first.ended.isEmpty)
        #expect(try other.metric("jobqueue_jobs_recovered_total") == 10)
    }

    @Test("the same instance, started again, has them at once, long before the lease ends")
    func byItself() async throws {
        let redis = try await RedisServer()
        let (first, second) = (try EffectFile(), try EffectFile())
        let directory = try TemporaryDirectory()
        let killed = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--lease", "1h"], directory: directory,
            effects: first)
        let ids = try await Self.start(10, on: killed, first)
        try await killed.kill()
        let again = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--lease", "1h"], directory: directory,
            effects: second)
        await eventually("all ten run again") { Set(second.started) == Set(ids) }
        #expect(again.log.contains { $0.contains("took back 10 jobs") })
        #expect(try redis.command(["ZCARD", "jq:{default}:workers"]).integer == 1)
    }

    @Test("the outcome of a daemon that was stopped for too long is refused: each job ends once")
    func lateOutcome() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        let gate = try TemporaryDirectory()
        let stopped = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--lease", "1s"], effects: effects)
        // Its handler holds a thread, so it goes on where it was and brings its outcome late.
        try await stopped.done(
            "enqueue", "--type", "test:job", "--id", "j", "--payload",
            #"{"says_start":true,"stubborn_until":"\#(gate.file("open"))"}"#)
        await eventually(equals: ["j"]) { effects.started }
        stopped.signal(SIGSTOP)
        let other = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--lease", "1s"], effects: effects)
        await eventually(equals: ["j", "j"], "the other runs it", within: .seconds(20)) {
            effects.started
        }
        try gate.write("", to: "open")
        await eventually(equals: ["j"]) { effects.ended }
        await eventually(equals: 1) {
            try redis.command(["HGET", "jq:{default}:totals", "done"]).integer
        }
        stopped.signal(SIGCONT)
        try await stopped.child.line(containing: "lost its lease")
        await eventually(equals: ["j", "j"]) { effects.ended }
        // It goes on under a new identity, and the job has ended once.
        try await stopped.done("enqueue", "--type", "test:job", "--id", "k")
        await eventually { effects.ended.contains("k") }
        await eventually(equals: 2) {
            try redis.command(["HGET", "jq:{default}:totals", "done"]).integer
        }
        #expect(try other.metric("jobqueue_jobs_recovered_total") == 1)
    }

    @Test("a second daemon on the same runtime directory is refused with exit 78")
    func sameDirectory() async throws {
        let redis = try await RedisServer()
        let directory = try TemporaryDirectory()
        let first = try await DaemonProcess.ready(address: redis.address, directory: directory)
        let second = try DaemonProcess(address: redis.address, directory: directory)
        #expect(try await second.child.waitForEndOfOutput() == .exited(78))
        #expect(second.log.filter { $0.contains("is locked by another") }.count == 1)
        #expect(first.child.exitStatus == nil)
        try await first.done("stats")
    }

    /// Enqueues long jobs and awaits that all of them run.
    private static func start(
        _ count: Int, on daemon: DaemonProcess, _ effects: EffectFile
    ) async throws -> [String] {
        let ids = try await daemon.done(
            "enqueue", "--type", "test:job", "--count", "\(count)", "--payload",
            #"{"says_start":true,"ms":60000}"#)
        await eventually { Set(effects.started) == Set(ids) }
        return ids
    }
}
