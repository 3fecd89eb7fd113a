import Foundation
import Synchronization

/// A real Redis of the test's own, on the loopback or on a Unix socket, in a directory of its own.
/// It ends with the value.
package final class RedisServer: Sendable {
    /// What it listens on.
    package enum Transport: Sendable {
        case port, socket
    }

    package let directory: TemporaryDirectory
    package let socketAddress: SocketAddress
    private let password: String?
    private let database: Int
    private let command: [String]
    private let environment: [String: String]
    private let process: Mutex<ChildProcess?>

    /// Starts Redis and waits until it answers. Without persistence, unless `appendOnly`.
    ///
    /// - Parameters:
    ///   - database: The number of the one that is talked to below.
    ///   - arguments: more of its command line, such as `["--maxmemory", "4mb"]`.
    ///   - launcher: A command that starts it: an absolute path, and arguments before the program.
    ///   - date: By which it goes; `nil`: the machine's.
    package init(
        appendOnly: Bool = false, password: String? = nil, database: Int = 0,
        transport: Transport = .port, arguments: [String] = [], launcher: [String] = [],
        date: SettableDate? = nil
    ) async throws {
        directory = try TemporaryDirectory()
        environment = date?.environment ?? [:]
        self.password = password
        self.database = database
        process = Mutex(nil)
        var own = ["--dir", directory.path, "--save", "", "--enable-debug-command", "yes"]
        own += ["--appendonly", appendOnly ? "yes" : "no", "--logfile", "", "--bind", "127.0.0.1"]
        // With the default, everysec, Redis answers before it writes while an fsync is under way, and
        // loses that when it is killed. What is written without fsync outlives the process.
        own += ["--appendfsync", "no"]
        if let password { own += ["--requirepass", password] }
        switch transport {
        case .socket:
            socketAddress = .unix(path: directory.file("redis.sock"))
            own += ["--port", "0", "--unixsocket", directory.file("redis.sock")]
        case .port:
            let port = try freePort()
            socketAddress = .loopback(port: port)
            own += ["--port", "\(port)"]
        }
        command = launcher + [try Self.findExecutable()] + own + arguments
        try await restart()
    }

    /// As jobqueued's `--addr` takes it, without the password.
    package var address: String {
        switch socketAddress {
        case .loopback(let port): "127.0.0.1:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// The TCP port; `nil` on a Unix socket.
    package var port: Int? {
        if case .loopback(let port) = socketAddress { port } else { nil }
    }

    /// `nil` while it is not running.
    package var pid: pid_t? {
        process.withLock { process in
            guard let process, process.exitStatus == nil else { return nil }
            return process.pid
        }
    }

    /// What it has logged since its last start.
    package var log: [String] { process.withLock { $0?.standardOutput ?? [] } }

    // MARK: - Life

    /// SIGKILL. Returns when it is gone.
    package func kill() async throws { try await end(SIGKILL) }

    /// SIGTERM. Returns when it is gone.
    package func terminate() async throws { try await end(SIGTERM) }

    /// Ends it for good; dropping the value does the same.
    package func stop() async throws { try await kill() }

    /// Sends a signal, such as SIGSTOP.
    package func signal(_ signal: Int32) { process.withLock { $0?.signal(signal) } }

    /// Starts it again on the same address and directory, after ending it if it runs.
    ///
    /// - Parameter awaitsReady: whether to return only when it answers; else at once.
    package func restart(awaitsReady: Bool = true) async throws {
        try await end(SIGKILL)
        let started = try ChildProcess(
            command[0], Array(command.dropFirst()), environment: environment)
        process.withLock { $0 = started }
        guard awaitsReady else { return }
        try await started.line(containing: "eady to accept connections", within: .patience)
        try command(["PING"])
    }

    private func end(_ signal: Int32) async throws {
        guard let process = process.withLock({ $0 }) else { return }
        process.signal(signal)
        // A stopped process takes SIGTERM only when it goes on.
        process.signal(SIGCONT)
        try await process.waitForExit()
    }

    private static func findExecutable() throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        for name in ["redis-server", "valkey-server"] {
            for directory in path.split(separator: ":")
            where access("\(directory)/\(name)", X_OK) == 0 { return "\(directory)/\(name)" }
        }
        throw TestSupportError("neither redis-server nor valkey-server is in PATH")
    }

    // MARK: - Talking to it

    /// A connection of its own, for what spans several commands.
    package func connect() throws -> RESPConnection {
        let connection = try RESPConnection(socketAddress, password: password)
        if database != 0 { try connection.command(["SELECT", "\(database)"]) }
        return connection
    }

    /// Runs one command on a fresh connection; blocks. Throws when Redis answers with an error.
    @discardableResult
    package func command(_ arguments: [String]) throws -> RESPValue {
        try connect().command(arguments)
    }

    /// Runs one command whose arguments need not be text, as above.
    @discardableResult
    package func command(bytes arguments: [[UInt8]]) throws -> RESPValue {
        try connect().command(bytes: arguments)
    }

    /// Sends all commands on one fresh connection, then reads all replies; errors are among them.
    @discardableResult
    package func pipeline(_ commands: [[String]]) throws -> [RESPValue] {
        try connect().pipeline(bytes: commands.map { $0.map { Array($0.utf8) } })
    }
}
