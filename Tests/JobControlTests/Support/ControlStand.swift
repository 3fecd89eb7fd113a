import EventLoop
import Glibc
import JobControl
import LinuxSystem
import TestSupport

/// A control server on a socket of its own, with a double of the daemon behind it.
struct ControlStand: Sendable {
    let path: String
    let service = ServiceDouble()
    /// Lines of the server's log.
    let log = Watched<[String]>([])
    fileprivate let directory: TemporaryDirectory
    /// The server's.
    private let loop: EventLoop

    fileprivate init(loop: EventLoop) throws {
        self.loop = loop
        directory = try TemporaryDirectory()
        path = directory.file("control.sock")
    }

    func client() throws -> RawControlClient { try RawControlClient(path: path) }

    /// Begins to stop the server, while the caller goes on and may block. Await the task.
    func beginStop(of server: ControlServer) -> Task<Void, Never> {
        Task(executorPreference: loop) { await server.stop() }
    }

    /// What `jobqueuectl` would do with these arguments; blocks.
    func tool(
        _ arguments: String..., isTerminal: Bool = false, environment: [String: String] = [:],
        input: String = ""
    ) -> ControlTool.Result {
        var environment = environment
        environment["JQ_CONTROL"] = environment["JQ_CONTROL"] ?? path
        return runTool(
            arguments, environment: environment, isTerminal: isTerminal, input: input)
    }

    /// Waits for a line of the log.
    @discardableResult
    func expectLog(containing text: String) async throws -> String {
        let lines = await log.wait(within: .seconds(20)) { $0.contains { $0.contains(text) } }
        guard let line = lines?.first(where: { $0.contains(text) }) else {
            throw TestSupportError("no line with \"\(text)\": \(log.value)")
        }
        return line
    }
}

/// Runs `body` beside a control server on a loop of its own.
///
/// The clients of `body` block, so it has a thread of its own as well: it holds up neither the server
/// nor other tests.
///
/// - Parameters:
///   - access: `nil`: this process may act.
///   - isOpen: whether users of any kind reach the socket.
func withControlServer<Result: Sendable>(
    access: ControlAccess? = nil, isOpen: Bool = false,
    limits change: (inout ControlLimits) -> Void = { _ in },
    _ body: @Sendable @concurrent (ControlStand, ControlServer) async throws -> Result
) async throws -> Result {
    var limits = ControlLimits()
    change(&limits)
    let loop = try EventLoop()
    try loop.start()
    defer { loop.stop() }
    let stand = try ControlStand(loop: loop)
    if isOpen, chmod(stand.directory.path, 0o755) != 0 { throw TestSupportError("chmod") }
    let log = stand.log
    let server = ControlServer(
        loop: loop, listener: try UnixSocket.listen(path: stand.path, mode: isOpen ? 0o666 : 0o600),
        socketPath: stand.path,
        access: access ?? ControlAccess(users: [UserDatabase.ownUserID], group: nil),
        service: stand.service, limits: limits
    ) { incident in log.update { $0.append(incident.description) } }
    try await server.start()
    do {
        let result = try await withEventLoop { _ in try await body(stand, server) }
        await server.stop()
        return result
    } catch {
        await server.stop()
        throw error
    }
}

func withControlServer<Result: Sendable>(
    access: ControlAccess? = nil, isOpen: Bool = false,
    limits change: (inout ControlLimits) -> Void = { _ in },
    _ body: @Sendable @concurrent (ControlStand) async throws -> Result
) async throws -> Result {
    try await withControlServer(access: access, isOpen: isOpen, limits: change) { stand, _ in
        try await body(stand)
    }
}

/// Runs `jobqueuectl` without a process around it.
func runTool(
    _ arguments: [String], environment: [String: String] = [:], isTerminal: Bool = false,
    input: String = "", clock: @escaping () -> Int64 = { 0 }
) -> ControlTool.Result {
    var surroundings = ControlTool.Surroundings(
        environment: environment, isTerminal: isTerminal, now: Sample.now
    ) { limit throws(SystemError) in Array(input.utf8.prefix(limit + 1)) }
    surroundings.clock = clock
    return ControlTool.run(arguments, in: surroundings)
}

/// What `jobqueuectl` leaves.
func result(
    _ output: String, errors: String = "", _ status: ControlTool.ExitStatus = .done
) -> ControlTool.Result {
    var result = ControlTool.Result()
    result.output = output
    result.errors = errors
    result.status = status
    return result
}
