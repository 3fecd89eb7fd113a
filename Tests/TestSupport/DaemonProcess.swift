import Foundation
import Synchronization

/// A running daemon as its users have it: a process, its log, its pages, its control socket.
package final class DaemonProcess: Sendable {
    /// The outcome of one call of `jobqueuectl`.
    package struct Answer {
        package let output: [String]
        package let errors: [String]
        package let status: ChildProcess.ExitStatus
    }

    /// Where the control socket and the lock are. Two daemons with one directory are one instance.
    package let directory: TemporaryDirectory
    private let process: Mutex<ChildProcess>
    private let start: @Sendable () throws -> ChildProcess

    /// Starts a daemon; see `ready()`.
    ///
    /// - Parameters:
    ///   - program: `jobqueued`, or `jobqueued-testd` with the tests' handlers.
    ///   - address: Redis's.
    ///   - launcher: A command that starts it: an absolute path, and arguments before the program.
    package init(
        _ program: String = "jobqueued", address: String, _ arguments: [String] = [],
        directory: TemporaryDirectory? = nil, effects: EffectFile? = nil,
        environment: [String: String] = [:], launcher: [String] = []
    ) throws {
        let directory = try directory ?? TemporaryDirectory()
        let all =
            ["--addr", address, "--control", directory.file("control.sock")]
            + ["--metrics-addr", "127.0.0.1:0"] + arguments
        let environment = environment.merging(effects.map { ["EFFECT_LOG": $0.path] } ?? [:]) { $1 }
        let command = launcher + ["\(ChildProcess.productsDirectory)/\(program)"] + all
        start = {
            try ChildProcess(command[0], Array(command.dropFirst()), environment: environment)
        }
        self.directory = directory
        process = Mutex(try start())
    }

    /// Starts a daemon, and returns when it claims jobs.
    package static func ready(
        _ program: String = "jobqueued", address: String, _ arguments: [String] = [],
        directory: TemporaryDirectory? = nil, effects: EffectFile? = nil,
        environment: [String: String] = [:], launcher: [String] = []
    ) async throws -> DaemonProcess {
        let daemon = try DaemonProcess(
            program, address: address, arguments, directory: directory, effects: effects,
            environment: environment, launcher: launcher)
        try await daemon.ready()
        return daemon
    }

    package var child: ChildProcess { process.withLock { $0 } }
    package var log: [String] { child.standardError }

    /// Returns when it claims jobs.
    package func ready() async throws {
        try await child.line(containing: "NOTICE ready:", within: .patience)
    }

    /// Starts it again, as the same instance, when it has ended.
    package func restart() throws {
        let new = try start()
        process.withLock { $0 = new }
    }

    package func signal(_ signal: Int32) { child.signal(signal) }

    /// SIGKILL. Returns when it is gone.
    package func kill() async throws {
        signal(SIGKILL)
        try await child.waitForExit()
    }

    /// SIGTERM. Returns when it has drained, and its log is whole.
    @discardableResult
    package func drain(within limit: Duration = .patience) async throws
        -> ChildProcess.ExitStatus
    {
        signal(SIGTERM)
        return try await child.waitForEndOfOutput(within: limit)
    }

    // MARK: - Its control socket

    /// Runs `jobqueuectl`, whatever comes of it.
    package func control(_ arguments: String...) async throws -> Answer {
        try await control(arguments)
    }

    package func control(_ arguments: [String], input: String = "") async throws -> Answer {
        let tool = try ChildProcess(
            product: "jobqueuectl", ["--socket", directory.file("control.sock")] + arguments,
            input: input)
        let status = try await tool.waitForEndOfOutput(within: .patience)
        return Answer(output: tool.standardOutput, errors: tool.standardError, status: status)
    }

    /// Runs `jobqueuectl`, which must succeed; returns its output's lines.
    @discardableResult
    package func done(_ arguments: String...) async throws -> [String] {
        let answer = try await control(arguments)
        guard answer.status == .exited(0) else {
            throw TestSupportError("jobqueuectl \(arguments): \(answer)")
        }
        return answer.output
    }

    // MARK: - Its pages

    /// Where it serves them.
    package var port: UInt16 {
        get throws {
            guard let line = log.first(where: { $0.contains("serving http://") }),
                let text = line.split(separator: ":").last?.split(separator: "/").first,
                let port = UInt16(text)
            else { throw TestSupportError("the daemon serves no pages: \(log)") }
            return port
        }
    }

    /// One answer of its HTTP port.
    package func get(_ path: String) throws -> RawResponse { try RawClient(port: port).get(path) }

    /// The value of a metric, named with its labels as on the page; `nil`: it is not there.
    package func metric(_ name: String) throws -> Double? {
        let lines = try get("/metrics").body.split(separator: "\n")
        return lines.first { $0.hasPrefix("\(name) ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }
}
