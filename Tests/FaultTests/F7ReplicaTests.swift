import TestSupport
import Testing

@Suite("F7 Redis is made a replica, and a master again")
struct F7ReplicaTests {
    @Test("no outcome counts that was not written; in five seconds all goes on")
    func awayAndBack() async throws {
        let bench = try await FaultBench()
        let gate = try FileGate()
        let proxy = try FaultProxy(to: bench.redis.socketAddress)
        let daemon = try await bench.daemon(address: proxy.address)
        let held = try bench.enqueue(3, "held", payload: gate.wait)
        await eventually { Set(bench.effects.started) == Set(held) }

        // Of a master that is not there, so that it keeps its data.
        try bench.redis.command(["REPLICAOF", "127.0.0.1", "\(try freePort())"])
        try gate.open()
        await eventually("they end meanwhile") { Set(bench.effects.ended) == Set(held) }
        await eventually(equals: 503) { try daemon.get("/healthz").status }
        #expect(try bench.total("done") == 0)
        let (began, before) = (ContinuousClock.now, proxy.traffic.connections)
        // So long lasts what is done to it.
        await pause(.seconds(5))
        let tries = proxy.traffic.connections - before
        let seconds = Int((ContinuousClock.now - began) / .seconds(1))
        #expect(tries <= 2 * seconds + 4, "it does not turn in a circle")
        #expect(tries >= 1)

        try bench.redis.command(["REPLICAOF", "NO", "ONE"])
        let next = try bench.enqueue(1, "next")
        await eventually("it goes on", within: FaultBench.busy(.seconds(5))) {
            bench.effects.ended.contains(next[0])
        }
        // They were not run again: their outcomes had been kept.
        try await bench.expectKept(duplicatesAllowed: 0)
    }
}
