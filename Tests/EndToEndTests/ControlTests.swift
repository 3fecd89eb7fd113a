import Foundation
import TestSupport
import Testing

@Suite("Steering the daemon")
struct ControlTests {
    @Test("stats shows each queue's counts, whether it is paused, its oldest job, and the totals")
    func stats() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address, ["--demo"])
        try await daemon.done("pause")
        try await daemon.done("enqueue", "--type", "email:welcome", "--count", "3")
        try await daemon.done("enqueue", "--type", "email:welcome", "--delay", "1h")
        let text = try await daemon.done("stats")
        #expect(
            text.first?.split(separator: " ").map(String.init)
                == ["QUEUE", "PENDING", "SCHEDULED", "ACTIVE", "DEAD", "OLDEST"])
        let row = try #require(text.dropFirst().first).split(separator: " ").map(String.init)
        #expect(row.prefix(5) == ["default", "3", "1", "0", "0"])
        #expect(row.last == "paused")
        let json = try await daemon.done("--json", "stats").joined()
        let reply = try #require(
            try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let queue = try #require((reply["queues"] as? [[String: Any]])?.first)
        #expect(queue["pending"] as? Int == 3)
        #expect(queue["paused"] as? Bool == true)
        #expect((reply["totals"] as? [String: Any])?["done"] as? Int == 0)
    }

    @Test("enqueue --count prints as many ids, each of which show finds")
    func enqueueMany() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address, ["--demo"])
        try await daemon.done("pause")
        let ids = try await daemon.done("enqueue", "--type", "email:welcome", "--count", "5")
        #expect(Set(ids).count == 5)
        let shown = try await daemon.done("show", ids[3]).joined(separator: "\n")
        #expect(shown.contains(ids[3]))
        #expect(shown.contains("pending"))
    }

    @Test("a payload comes from the line, a file or standard input, byte for byte")
    func payloads() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address, ["--demo"])
        try await daemon.done("pause")
        let payload = #"{ "a" : [1.0e0, "\u00e4ö"] }"#
        let directory = try TemporaryDirectory()
        let file = try directory.write(payload, to: "payload.json")
        for (source, input) in [(payload, ""), ("@\(file)", ""), ("-", payload)] {
            let answer = try await daemon.control(
                ["enqueue", "--type", "email:welcome", "--payload", source], input: input)
            #expect(answer.status == .exited(0), "\(answer.errors)")
        }
        let pending = try redis.command(["LRANGE", "jq:{default}:pending", "0", "-1"]).texts
        #expect(pending.count == 3)
        #expect(pending.allSatisfy { $0.contains(#""payload":\#(payload)"#) }, "\(pending)")
    }

    @Test("a unique key admits one job at a time; an id sent again adds nothing")
    func uniqueness() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address, ["--demo"])
        try await daemon.done("pause")
        let enqueue = ["enqueue", "--type", "email:welcome", "--unique", "customer-42"]
        let first = try await daemon.control(enqueue)
        let second = try await daemon.control(enqueue)
        #expect(first.output.first == second.output.first)
        #expect(second.status == .exited(4))
        let own = ["enqueue", "--type", "email:welcome", "--id", "mine"]
        #expect(try await daemon.control(own).status == .exited(0))
        let again = try await daemon.control(own)
        #expect(again.status == .exited(3) && again.output == ["mine"])
        #expect(again.errors.contains { $0.contains("nothing was added") })
        #expect(try redis.command(["LLEN", "jq:{default}:pending"]).integer == 2)
    }

    @Test("delete drops what waits; ids that are not there are told, with exit 1")
    func delete() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address, ["--demo"])
        try await daemon.done("pause")
        try await daemon.done("enqueue", "--type", "email:welcome", "--id", "a")
        try await daemon.done("delete", "a")
        #expect(try redis.command(["LLEN", "jq:{default}:pending"]).integer == 0)
        let answer = try await daemon.control("delete", "a")
        #expect(answer.status == .exited(1))
        #expect((answer.errors + answer.output).contains { $0.contains("a") })
        // It can come again.
        try await daemon.done("enqueue", "--type", "email:welcome", "--id", "a")
        #expect(try redis.command(["LLEN", "jq:{default}:pending"]).integer == 1)
    }

    @Test("queues and workers tell who works on what")
    func workers() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address, ["--concurrency", "7"])
        let workers = try await daemon.done("workers")
        #expect(workers.count == 2)
        #expect(workers.last?.contains("\(daemon.child.pid)") == true, "\(workers)")
        #expect(try await daemon.done("queues").contains { $0.hasPrefix("default") })
    }

    @Test("without a daemon: exit 69, and where it was looked for")
    func noDaemon() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("none.sock")
        let tool = try ChildProcess(product: "jobqueuectl", ["--socket", path, "stats"])
        #expect(try await tool.waitForEndOfOutput() == .exited(69))
        #expect(tool.standardError.first?.contains(path) == true, "\(tool.standardError)")
    }

    @Test("the Python package varlink, which nobody here wrote, can call it")
    func independentClient() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address, ["--demo"])
        let socket = daemon.directory.file("control.sock")
        let client = try ChildProcess(
            "/usr/bin/env",
            ["python3", "-m", "varlink.cli", "call", "unix:\(socket)/io.jobqueue.Control.GetStats"])
        let status = try await client.waitForEndOfOutput(within: .seconds(30))
        #expect(status == .exited(0), "\(client.standardError)")
        let text = client.standardOutput.joined(separator: "\n")
        let reply = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        #expect((reply?["queues"] as? [Any])?.count == 1, "\(text)")
    }
}
