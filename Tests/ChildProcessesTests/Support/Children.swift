import ChildProcesses
import EventLoop
import Glibc
import LinuxSystem
import TestSupport
import Testing

/// Runs `body` on an event loop, with a wrapper for child processes there.
@discardableResult
func withChildren<Result: Sendable>(
    _ body: @Sendable @concurrent (ChildProcesses) async throws -> Result
) async throws -> Result {
    try await withEventLoop { loop in try await body(try ChildProcesses(loop: loop)) }
}

extension ChildCommand {
    /// A script for `/bin/sh`.
    static func shell(_ script: String, grace: Duration = .seconds(60)) -> ChildCommand {
        ChildCommand(
            "/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], grace: grace)
    }
}

extension ChildResult {
    var outputText: String { String(decoding: output.bytes, as: UTF8.self) }
    var outputLines: [String] { outputText.split(separator: "\n").map(String.init) }
}

/// A child that runs in a task of its own, and the lines that it writes to standard output.
struct Background: Sendable {
    let lines = Watched<[OutputLine]>([])
    private let task: Task<ChildResult, any Error>

    init(_ command: ChildCommand, in children: ChildProcesses) {
        let lines = lines
        var command = command
        command.output = .lines(each: 1024, total: .max) { line in
            lines.update { $0.append(line) }
        }
        // The test waits for it with `result`.
        task = Task { [command] in try await children.run(command) }
    }

    func cancel() { task.cancel() }

    var result: ChildResult { get async throws { try await task.value } }

    /// Awaits so many lines.
    func texts(_ count: Int = 1) async throws -> [String] {
        let value = await lines.wait(within: .patience) { $0.count >= count }
        let lines = try #require(value, "it did not write \(count) lines")
        return lines.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// Awaits a line that is the number of a process.
    func processID() async throws -> Int32 { try #require(Int32(try await texts()[0])) }
}

/// Whether a process runs. One that has ended, and that nobody has asked how, does not.
func isRunning(_ process: Int32) -> Bool {
    guard let file = try? FileDescriptor.open(reading: "/proc/\(process)/stat"),
        case .bytes(let text)? = try? file.read(atMost: 4096)
    else { return false }
    return ProcessRecord(String(decoding: text, as: UTF8.self))?.isZombie == false
}
