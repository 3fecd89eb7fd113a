import TestSupport
import Testing

/// Slices, not a stopwatch: no script may touch more than 500 entries. What Redis itself found slow is
/// printed.
@Suite("F19 Very many jobs to be moved at once", .serialized)
struct F19BulkTests {
    @Test("100 000 jobs of a lost worker come back in slices, and other jobs run meanwhile")
    func lostWorker() async throws {
        let scene = try await Scene()
        try scene.seed(
            100_000, by: "redis.call('HSET', '\(scene.bulk.key("active:lost"))', i, envelope)")
        let monitor = try await SliceMonitor(of: scene.redis)
        try scene.redis.command(["ZADD", scene.bulk.key("workers"), "1", "lost"])

        try await scene.expectUrgentJobs { try scene.bulk.activeCountOfLost() }
        await eventually("all are back, the worker is out") {
            try scene.redis.command(["LLEN", scene.bulk.key("pending")]).integer == 100_000
                && scene.bulk.leases["lost"] == nil
        }
        #expect(try scene.bulk.total("recovered") == 100_000)
        try await monitor.expectSlices(moving: 100_000)
        try scene.printSlowLog()
    }

    @Test("1 000 000 delayed jobs that are due together come forward in slices, as above")
    func dueTogether() async throws {
        let scene = try await Scene()
        try scene.seed(
            1_000_000, by: "redis.call('ZADD', '\(scene.bulk.key("soon"))', 1, envelope)")
        let monitor = try await SliceMonitor(of: scene.redis)
        try scene.redis.command(["RENAME", scene.bulk.key("soon"), scene.bulk.key("scheduled")])

        try await scene.expectUrgentJobs { try scene.bulk.scheduledCount }
        await eventually(equals: 1_000_000) {
            try scene.redis.command(["LLEN", scene.bulk.key("pending")]).integer
        }
        try await monitor.expectSlices(moving: 1_000_000)
        try scene.printSlowLog()
    }
}

extension F19BulkTests {
    /// A daemon with two queues. One is paused: what is moved stays there, to be counted.
    private struct Scene {
        let redis: RedisServer
        let effects: EffectFile
        let daemon: DaemonProcess
        var bulk: BareQueue { BareQueue(redis, "bulk") }

        init() async throws {
            redis = try await RedisServer(
                transport: .port, arguments: ["--slowlog-log-slower-than", "5000"])
            effects = try EffectFile()
            daemon = try await DaemonProcess.ready(
                "jobqueued-testd", address: redis.address,
                ["--queues", "default,bulk", "--lease", "500ms"], effects: effects)
            try redis.command(["SET", bulk.key("paused"), "1"])
        }

        /// Runs a line of Lua for so many envelopes, numbered by `i`.
        func seed(_ count: Int, by line: String) throws {
            let script = """
                for i = ARGV[1], ARGV[1] + 49999 do
                    local envelope = '{"type":"test:job","id":"b-' .. string.format('%d', i) .. '"}'
                    \(line)
                end
                """
            for first in stride(from: 1, to: count, by: 50_000) {
                try redis.command(["EVAL", script, "0", "\(first)"])
            }
            try redis.command(["SLOWLOG", "RESET"])
        }

        /// Jobs of the other queue, enqueued since the moving began, end before it is over.
        ///
        /// - Parameter left: how many are still to be moved.
        func expectUrgentJobs(whileMoving left: () throws -> Int) async throws {
            let all = try left()
            await eventually("it has begun") { try left() < all }
            var meanwhile = 0
            for number in 1...5 where try left() > 0 {
                try BareQueue(redis).push(BareQueue.job("urgent-\(number)"))
                await eventually { effects.ended.contains("urgent-\(number)") }
                if try left() > 0 { meanwhile += 1 }
            }
            #expect(meanwhile > 0, "no job ran while others were moved")
        }

        func printSlowLog() throws {
            let slow = try redis.command(["SLOWLOG", "GET", "100"]).elements.compactMap {
                $0.elements.dropFirst(2).first?.integer
            }
            let longest = slow.max().map { ", the longest \($0) µs" } ?? ""
            print(
                "F19: \(slow.count) commands took longer than 5 ms, watched as they are\(longest)")
        }
    }
}

extension BareQueue {
    fileprivate func activeCountOfLost() throws -> Int {
        try redis.command(["HLEN", key("active:lost")]).integer ?? 0
    }
}

/// Watches what each script that Redis runs pushes.
private struct SliceMonitor {
    private let process: ChildProcess

    init(of redis: RedisServer) async throws {
        let port = try #require(redis.port)
        process = try ChildProcess(
            "/usr/bin/env", ["python3", "-u", "-c", Self.script, "\(port)"])
        try await process.line(containing: "watching")
    }

    /// Each script has pushed at most 500 entries, all of them together so many.
    func expectSlices(moving count: Int) async throws {
        await eventually(equals: count) { slices.reduce(0, +) }
        #expect(slices.max() ?? 0 <= 500)
    }

    private var slices: [Int] {
        process.standardOutput.compactMap { Int($0.dropFirst("moved ".count)) }
    }

    /// A line of MONITOR for each command: a script's own, then those that it calls, marked `lua`.
    private static let script = #"""
        import socket, sys
        redis = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        redis.sendall(b"MONITOR\r\n")
        moved = 0
        for line in redis.makefile("rb", 1 << 20):
            if b" lua] " in line[:40]:
                if b'"LPUSH"' in line[:60] or b'"RPUSH"' in line[:60]:
                    moved += line.count(b" ") - 4
            elif line.startswith(b"+OK"):
                print("watching")
            elif moved:
                print("moved", moved)
                moved = 0
        """#
}
