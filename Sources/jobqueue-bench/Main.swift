import EventLoop
import Foundation
import JobDaemon
import JobQueue
import Redis
import RedisBroker

/// Measures the queue on a Redis of its own, and prints one table.
@main
struct Main {
    static func main() async throws {
        let loop = try EventLoop()
        try loop.start()
        try await withTaskExecutorPreference(loop) { try await run(loop) }
    }

    @concurrent
    private static func run(_ loop: EventLoop) async throws {
        let server = try PrivateRedis()
        defer { server.stop() }
        let bench = Bench(loop: loop, address: try RedisAddress(parsing: "unix:\(server.socket)"))
        try await bench.waitForRedis()

        print("no-op jobs in process, Redis on a Unix socket, no persistence; median of 3")
        for slots in [10, 100] {
            let rates = try await repeated(3) {
                try await bench.drain(jobs: 100_000, slots: slots)
            }
            print("drain, concurrency \(slots): \(Int(rates[1])) jobs/s  \(rates.map { Int($0) })")
        }
        let waits = try await bench.idleLatency(samples: 2000)
        print(
            "idle latency, bare RPUSH to handler: p50 \(waits.quantile(0.5)) "
                + "p99 \(waits.quantile(0.99))")
    }

    /// The results of `count` runs, sorted.
    private static func repeated(
        _ count: Int, _ body: () async throws -> Double
    ) async throws -> [Double] {
        var results: [Double] = []
        for _ in 0..<count { results.append(try await body()) }
        return results.sorted()
    }
}

extension [Duration] {
    /// In microseconds, for the table.
    fileprivate func quantile(_ share: Double) -> String {
        guard !isEmpty else { return "-" }
        let index = Swift.min(count - 1, Int(Double(count) * share))
        return "\(Int(sorted()[index].inSeconds * 1e6)) µs"
    }
}
