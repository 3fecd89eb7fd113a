import Glibc
import TestSupport
import Testing

@Suite("F12 Redis cannot write to its disk")
struct F12FullDiskTests {
    @Test(
        "running jobs go on, their outcomes are kept and written when it can again",
        arguments: FullDisk.Kind.allCases)
    func outcomesAreKept(kind: FullDisk.Kind) async throws {
        let disk = try await FullDisk(kind)
        let redis = disk.redis
        let bench = try await FaultBench(redis: redis)
        let daemon = try await bench.daemon()
        let gate = try FileGate()
        let held = try bench.enqueue(FaultBench.slots, "held", payload: gate.wait)
        await eventually { Set(bench.effects.started) == Set(held) }
        try bench.enqueue(200, "waiting")

        let lines = daemon.log.count
        try await disk.fill()
        try gate.open()
        await eventually("they end meanwhile") { Set(bench.effects.ended) == Set(held) }
        let answer = try await daemon.control("enqueue", "--type", "test:job")
        #expect(answer.status == .exited(1))
        #expect(answer.errors.contains { $0.contains("cannot write to its disk") }, "\(answer)")
        await eventually(equals: 503) { try daemon.get("/healthz").status }
        // So long lasts what is done to it, first on the same connection, then without one.
        await pause(.seconds(2))
        try redis.command(["CLIENT", "KILL", "TYPE", "normal"])
        await pause(.seconds(2))
        // Its jobs are still its own, no more have come, and none has ended.
        let snapshot = try QueueSnapshot(of: redis, queues: ["default"])
        #expect(snapshot.entries.count { $0.container != "pending" } == held.count)
        #expect(snapshot.done == 0)
        #expect(bench.effects.ended.count == held.count)
        // Each trouble is told once.
        #expect(daemon.log.count - lines < 10, "\(daemon.log[lines...].joined(separator: "\n"))")

        try await disk.heal()
        try await bench.expectKept(duplicatesAllowed: 0)
    }

    @Test("for longer than the watchdog's patience: that is told, and no reason to be killed")
    func watchdog() async throws {
        let disk = try await FullDisk(.snapshots)
        let bench = try await FaultBench(redis: disk.redis)
        let notify = try NotifySocket()
        let daemon = try await bench.daemon(
            environment: notify.environment.merging(["WATCHDOG_USEC": "5000000"]) { $1 })
        try await disk.fill()
        await eventually("it is told") {
            let page = try daemon.get("/healthz")
            return page.status == 503 && page.body.contains("cannot write to its disk")
        }
        // So long lasts what is done to it: a daemon that is stuck for 20 s is not fed any more.
        await pause(.seconds(22))
        let beats = notify.messages.count { $0.contains("WATCHDOG=1") }
        try await notify.message(containing: "WATCHDOG=1", number: beats + 3)
        #expect(!daemon.log.contains { $0.contains("stuck") })
        try await disk.heal()
        await eventually(equals: 200) { try daemon.get("/healthz").status }
        try bench.enqueue(1, "job")
        try await bench.expectKept(duplicatesAllowed: 0)
    }
}
