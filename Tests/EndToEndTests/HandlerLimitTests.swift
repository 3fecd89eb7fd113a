import Foundation
import TestSupport
import Testing

@Suite("Commands of which only so many run at once")
struct HandlerLimitTests {
    /// A configuration with a command for all `slow:…`, which lasts until the gate is open, and one for
    /// `quick`, which ends at once.
    private struct Place {
        let directory: TemporaryDirectory
        var log: String { directory.file("log") }

        init(concurrency: Int) throws {
            directory = try TemporaryDirectory()
            try directory.write("", to: "jobqueued.conf")
            try FileManager.default.createDirectory(
                atPath: directory.file("handlers.d"), withIntermediateDirectories: true)
            try directory.write(
                """
                #!/bin/sh
                echo "S $JOB_ATTEMPT" >> \(directory.file("log"))
                while [ ! -e \(directory.file("gate")) ]; do sleep 0.05; done
                echo "E $JOB_ATTEMPT" >> \(directory.file("log"))

                """, to: "slow", mode: 0o755)
            try directory.write(
                "[Handler]\nType=slow:*\nExec=\(directory.file("slow"))\nConcurrency=\(concurrency)\n",
                to: "handlers.d/slow.conf")
            try directory.write(
                "[Handler]\nType=quick\nExec=/bin/true\n", to: "handlers.d/quick.conf")
        }

        func daemon(_ address: String) async throws -> DaemonProcess {
            try await DaemonProcess.ready(
                "jobqueued", address: address,
                ["--config", directory.file("jobqueued.conf"), "--concurrency", "10"])
        }

        func open() throws { try directory.write("", to: "gate") }

        /// What the slow jobs have written, in order.
        var lines: [String] {
            // None has started: there is no file.
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map(String.init)
        }

        /// The most that ran at once.
        var peak: Int {
            var running = 0
            return lines.map { line in
                running += line.hasPrefix("S") ? 1 : -1
                return running
            }.max() ?? 0
        }
    }

    private func processed(_ daemon: DaemonProcess) throws -> Double {
        try daemon.get("/metrics").body.split(separator: "\n")
            .filter { $0.hasPrefix("jobqueue_jobs_processed_total") }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
            .reduce(0, +)
    }

    @Test("a limit counts all types of its file, and their backlog takes no slot from others")
    func backlog() async throws {
        let place = try Place(concurrency: 2)
        let daemon = try await place.daemon("sqlite:\(place.directory.file("jobs.db"))")
        #expect(!daemon.log.contains { $0.contains("does not apply") }, "\(daemon.log)")
        for type in ["slow:a", "slow:b"] {
            try await daemon.done("enqueue", "--type", type, "--count", "15")
        }
        try await daemon.done("enqueue", "--type", "quick", "--count", "30")
        await eventually(equals: 30) { try processed(daemon) }
        await eventually(equals: ["S 1", "S 1"]) { place.lines }
        try place.open()
        await eventually(equals: 60, within: .seconds(90)) { try processed(daemon) }
        // Each ran once, at its first attempt.
        #expect(place.lines.count { $0 == "S 1" } == 30)
        #expect(place.lines.count == 60)
        #expect(place.peak == 2)
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("what has to wait is pending, and a drain waits for what runs alone")
    func drain() async throws {
        let place = try Place(concurrency: 1)
        let redis = try await RedisServer()
        let daemon = try await place.daemon(redis.address)
        try await daemon.done("enqueue", "--type", "slow:a", "--count", "5")
        func count(_ command: String, _ name: String) throws -> Int? {
            try redis.command([command, "jq:{default}:\(name)"]).integer
        }
        await eventually(equals: ["S 1"]) { place.lines }
        await eventually(equals: 4) { try count("LLEN", "aside:slow:a") }
        #expect(try await daemon.done("stats").contains { $0.contains("default        4") })
        daemon.signal(SIGTERM)
        try await daemon.child.line(containing: "draining (SIGTERM)")
        try place.open()
        #expect(try await daemon.child.waitForExit() == .exited(0))
        #expect(place.lines == ["S 1", "E 1"])
        #expect(try count("LLEN", "aside:slow:a") == 4)
        #expect(try redis.command(["KEYS", "jq:{default}:active:*"]).texts == [])
        #expect(try count("ZCARD", "dead") ?? 0 == 0)
    }

    @Test("what waits for its handler when the daemon is killed is run by the next one")
    func killed() async throws {
        let place = try Place(concurrency: 1)
        let daemon = try await place.daemon("sqlite:\(place.directory.file("jobs.db"))")
        try await daemon.done("enqueue", "--type", "slow:a", "--count", "3")
        await eventually(equals: ["S 1"]) { place.lines }
        try await daemon.kill()
        try place.open()
        try daemon.restart()
        try await daemon.ready()
        await eventually(equals: 3) { try processed(daemon) }
        #expect(try await daemon.drain() == .exited(0))
    }
}
