import TestSupport
import Testing

@Suite("F5 SCRIPT FLUSH at any time")
struct F5ForgottenScriptsTests {
    @Test("no job counts as failed and none runs twice, also where scripts leave in one pipeline")
    func flushed() async throws {
        let bench = try await FaultBench()
        let queues = ["--queues", "default,low"]
        let daemon = try await bench.daemon(queues)
        _ = try await bench.daemon(queues)
        let admin = try bench.redis.connect()
        try await bench.produce {
            // Quick jobs end many at a time: their outcomes and the next claim leave together.
            for round in 1...25 {
                try bench.enqueue(100, "round\(round)")
                for _ in 0..<20 {
                    try admin.command(["SCRIPT", "FLUSH"])
                    await pause(.milliseconds(1))
                }
            }
            // An enqueue by script as well.
            for number in 1...5 {
                try admin.command(["SCRIPT", "FLUSH"])
                try await daemon.done("enqueue", "--type", "test:job", "--id", "t-\(number)")
            }
        }
        bench.answered((1...5).map { "t-\($0)" })
        try await bench.expectKept(duplicatesAllowed: 0)
        #expect(try bench.total("retried") == 0)
        let errors = try bench.redis.command(["INFO", "errorstats"]).text ?? ""
        #expect(errors.contains("errorstat_NOSCRIPT"), "it never happened: \(errors)")
    }
}
