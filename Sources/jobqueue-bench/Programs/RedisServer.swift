import EventLoop
import JobDaemon
import JobQueue
import Redis

/// A Redis on a Unix socket, and what measurements ask of it.
final class RedisServer: Sendable {
    /// What is on the disk when a command is answered.
    enum Durability {
        case none
        /// The append-only file, synchronized each second.
        case everySecond
    }

    let socket: String
    let address: RedisAddress
    /// `nil`: somebody else's.
    private let program: Program?
    private let connection: RedisConnection
    private let clock: LoopClock

    /// Starts one of the benchmark's own; returns when it answers.
    convenience init(
        starting durability: Durability, scratch: Scratch, loop: EventLoop
    ) async throws {
        let folder = try scratch.folder("redis")
        let socket = "\(folder)/redis.sock"
        let keepsFile = durability == .everySecond
        let program = try Program(
            "/usr/bin/redis-server",
            [
                "--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "",
                "--loglevel", "warning", "--appendonly", keepsFile ? "yes" : "no",
                "--appendfsync", "everysec",
                // Writing the file anew in the middle of a measurement would be measured, too.
                "--auto-aof-rewrite-percentage", "0",
            ])
        try await self.init(at: socket, program: program, loop: loop)
    }

    /// Uses the one that listens, or will listen soon, at `socket`.
    init(at socket: String, program: Program? = nil, loop: EventLoop) async throws {
        self.socket = socket
        self.program = program
        address = RedisAddress(place: .unix(path: socket))
        clock = LoopClock(loop: loop)
        connection = try await Self.connect(to: address, loop: loop, clock: clock)
    }

    /// Disconnects, and ends a server that was started here.
    func stop() async {
        await connection.close()
        await program?.stop()
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

    /// What the server takes of the machine.
    func usage() async throws -> ProcessUsage {
        let pid = try await information("server", "process_id")
        guard let pid = Int32(pid) else { throw BenchError("Redis tells no process: \(pid)") }
        return ProcessUsage(pid: pid)
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
