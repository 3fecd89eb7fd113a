import TestSupport
import Testing

@Suite("I5 Very many types")
struct I5ManyTypesTests {
    @Test("100 000 types that nobody knows make no new label, and take no more memory")
    func labelsAndMemory() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        try Self.push(1...10_000, into: queue)
        await eventually(equals: 10_000) { try queue.total("dead") }
        let series = try Self.series(of: daemon)
        let memory = try #require(try daemon.metric("process_resident_memory_bytes"))

        try Self.push(10_001...100_000, into: queue)
        await eventually(equals: 100_000) { try queue.total("dead") }
        await eventually(equals: 100_000) {
            try daemon.metric(#"jobqueue_jobs_failed_total{type="other"}"#)
        }
        #expect(try Self.series(of: daemon) == series)
        let grown = try #require(try daemon.metric("process_resident_memory_bytes")) - memory
        // The names alone would be 2 MiB; what a table of them takes is many times that.
        #expect(grown < 8_388_608, "\(grown) bytes more")
    }

    /// The names of all metrics with their labels, of which the values are left out.
    private static func series(of daemon: DaemonProcess) throws -> Set<Substring> {
        let lines = try daemon.get("/metrics").body.split(separator: "\n")
        return Set(lines.filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != " " } })
    }

    /// Puts a job of a type of its own for each number into a queue.
    private static func push(_ numbers: ClosedRange<Int>, into queue: BareQueue) throws {
        let script = """
            for i = ARGV[1], ARGV[2] do
                local number = string.format('%d', i)
                redis.call('RPUSH', KEYS[1], '{"type":"unknown:' .. number .. '","id":"' .. number .. '"}')
            end
            """
        try queue.redis.command([
            "EVAL", script, "1", queue.key("pending"), "\(numbers.lowerBound)",
            "\(numbers.upperBound)",
        ])
    }
}
