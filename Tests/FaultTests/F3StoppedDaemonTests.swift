import Glibc
import TestSupport
import Testing

/// That the job of a stopped daemon ends once, with the other daemon alone at work, is in
/// `RecoveryTests` of the end-to-end tests.
@Suite("F3 the daemon is stopped for three leases")
struct F3StoppedDaemonTests {
    @Test("it cancels what it runs, its late outcome is refused, and it goes on under a new id")
    func goesOn() async throws {
        let bench = try await FaultBench()
        let (gate, stubbornGate) = (try FileGate(), try FileGate())
        let stopped = try await bench.daemon()
        let former = try Self.workers(bench.redis)
        // One that can be cancelled, and one that holds its thread.
        let long = try bench.enqueue(1, "long", payload: gate.wait)
        let stubborn = try bench.enqueue(1, "stubborn", payload: stubbornGate.block())
        await eventually { Set(bench.effects.started) == Set(long + stubborn) }

        stopped.signal(SIGSTOP)
        let other = try await bench.daemon()
        await eventually("the other runs them", within: FaultBench.busy(.seconds(2))) {
            bench.effects.started.count == 4
        }
        // One lease is over; so long lasts the rest of what is done to it.
        await pause(.seconds(2))
        stopped.signal(SIGCONT)
        try await stopped.child.line(containing: "lost its lease")
        try stubbornGate.open()
        await eventually("both daemons have brought its outcome") {
            bench.effects.ended.count { stubborn.contains($0) } == 2
        }
        await eventually("it is somebody else now") {
            let workers = try Self.workers(bench.redis)
            return workers.count == 2 && workers.isDisjoint(with: former)
        }
        try gate.open()
        try bench.enqueue(100, "more", payload: #"{"ms":1}"#)
        try await bench.expectKept(duplicatesAllowed: FaultBench.slots)
        // Its own run of this one was cancelled.
        #expect(bench.effects.ended.count { long.contains($0) } == 1)
        #expect(other.log.contains { $0.contains("took back 2 jobs") })
    }

    private static func workers(_ redis: RedisServer) throws -> Set<String> {
        Set(try redis.command(["ZRANGE", "jq:{default}:workers", "0", "-1"]).texts)
    }
}
