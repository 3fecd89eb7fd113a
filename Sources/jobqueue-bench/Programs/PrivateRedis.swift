import EventLoop
import JobDaemon
import JobQueue
import Redis

/// A `redis-server` of the benchmark's own on a Unix socket, and what measurements ask of it.
final class PrivateRedis: Sendable {
    /// What is on the disk when a command is answered.
    enum Durability {
        case none
        /// The append-only file, synchronized each second.
        case everySecond
    }

    let socket: String
    let address: RedisAddress
    let process: Program
    private let connection: RedisConnection
    private let clock: LoopClock

    /// Starts it, and returns when it answers.
    init(_ durability: Durability, scratch: Scratch, loop: EventLoop) async throws {
        let folder = try scratch.folder("redis")
        socket = "\(folder)/redis.sock"
        address = RedisAddress(place: .unix(path: socket))
        clock = LoopClock(loop: loop)
        let keepsFile = durability == .everySecond
        process = try Program(
            "/usr/bin/redis-server",
            [
                "--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "",
                "--loglevel", "warning", "--appendonly", keepsFile ? "yes" : "no",
                "--appendfsync", "everysec",
                // Writing the file anew in the middle of a measurement would be measured, too.
                "--auto-aof-rewrite-percentage", "0",
            ])
        connection = try await Self.connect(to: address, loop: loop, clock: clock)
    }

    func stop() async {
        await connection.close()
        await process.stop()
    }

    // MARK: - Commands

    @discardableResult
    func command(_ words: String...) async throws -> RedisReply {
        // Emptying a Redis with a million records takes a while.
        try await connection.send(RedisCommand(words: words), timeout: .seconds(60))
    }

    /// Forgets everything.
    func flush() async throws { try await command("FLUSHALL", "SYNC") }

    /// A field of INFO.
    func information(_ section: String, _ field: String) async throws -> String {
        let lines = try await command("INFO", section).asText().split(separator: "\r\n")
        guard let line = lines.first(where: { $0.hasPrefix("\(field):") }) else {
            throw BenchError("Redis tells no \(field)")
        }
        return String(line.dropFirst(field.count + 1))
    }

    /// Returns when a worker is there and waits for work.
    func waitForIdleWorker() async throws {
        try await poll { try await self.information("clients", "blocked_clients") != "0" }
    }

    /// Returns when `condition` holds; asks every few milliseconds.
    func poll(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await clock.sleep(for: .milliseconds(5)) }
    }

    private static func connect(
        to address: RedisAddress, loop: EventLoop, clock: LoopClock
    ) async throws -> RedisConnection {
        let deadline = clock.now.advanced(by: .seconds(10))
        while true {
            do {
                let connection = try await RedisConnection(loop: loop, address: address)
                _ = try await connection.send(RedisCommand("PING"))
                return connection
            } catch {
                // It needs a moment to start.
                guard clock.now < deadline else { throw error }
                try await clock.sleep(for: .milliseconds(10))
            }
        }
    }
}
