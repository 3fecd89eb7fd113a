import TestSupport
import Testing

/// Each kind of client, and 10 000 of them, against the server alone: `CrowdTests`. Here all at once
/// against a daemon at work.
@Suite("M1 A crowd at the daemon's pages")
struct M1CrowdTests {
    @Test("idle, slow, greedy and deaf clients keep out no scrape, and hold up no job")
    func crowd() async throws {
        let redis = try await RedisServer()
        let queue = BareQueue(redis)
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--lease", "1s"])
        let port = try daemon.port
        var clients = try (0..<300).map { _ in try RawClient(port: port) }
        for _ in 0..<20 {
            let deaf = try RawClient(port: port, receiveBuffer: 4_096)
            for _ in 0..<10 { try? deaf.send("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n") }
            clients.append(deaf)
            let greedy = try RawClient(port: port)
            // Part of it is refused on the way: then the sending fails.
            try? greedy.send("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 65_536))
            clients.append(greedy)
        }
        let slow = try (0..<60).map { _ in try RawClient(port: port) }
        var jobs = 0
        for byte in "GET /metrics" {
            // Most of them are closed by now.
            for client in slow { try? client.send(String(byte)) }
            #expect(try RawClient(port: port).get("/metrics").status == 200)
            #expect(try RawClient(port: port).get("/healthz").status == 200)
            jobs += 1
            try queue.push(BareQueue.job("t-\(jobs)"))
            await eventually(equals: jobs) { try queue.total("done") }
        }
        #expect(!daemon.log.contains { $0.contains("lost its lease") })
        // 256 may stay; the rest of the descriptors is the daemon's own.
        #expect(try #require(try daemon.metric("process_open_fds")) < 256 + 50)
        withExtendedLifetime(clients) {}
    }
}
