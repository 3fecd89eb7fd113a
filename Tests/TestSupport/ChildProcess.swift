import Foundation
import Synchronization

/// A program under test. What it writes is collected line by line as it comes. Its whole process
/// group is killed when the value is dropped, and when the test process dies.
package final class ChildProcess: Sendable {
    /// How a process ended.
    package enum ExitStatus: Sendable, Equatable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    /// Which of the two outputs.
    package enum Output: Sendable {
        case standardOutput, standardError
    }

    private struct State: Sendable {
        var lines: [(output: Output, text: String)] = []
        var openOutputs = 2
        var status: ExitStatus?

        func line(_ text: String, from output: Output?, number: Int) -> String? {
            let matching = lines.lazy.filter {
                (output == nil || $0.output == output) && $0.text.contains(text)
            }
            return matching.dropFirst(number - 1).first?.text
        }
    }

    package let pid: pid_t
    private let name: String
    private let state: Watched<State>
    private let reads: [Output: Gate]

    /// Starts `executable` (an absolute path).
    ///
    /// - Parameters:
    ///   - environment: all that it gets besides a few variables of this process.
    ///   - input: what it reads on standard input, then the end of it.
    package init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:],
        input: String = ""
    ) throws {
        let inherited = ProcessInfo.processInfo.environment.filter {
            Self.inherited.contains($0.key)
        }
        let inputFile = try Self.unlinkedFile(holding: input)
        defer { close(inputFile) }
        let output = try Spawn.makePipe()
        defer { close(output.write) }
        let errors = try Spawn.makePipe()
        defer { close(errors.write) }
        let pid: pid_t
        do {
            pid = try Spawn.start(
                executable, arguments,
                environment: inherited.merging(environment) { $1 },
                input: inputFile, output: output.write, errors: errors.write, group: .own)
        } catch {
            close(output.read)
            close(errors.read)
            throw error
        }
        OrphanGuard.shared?.add(pid)
        self.pid = pid
        name = executable.split(separator: "/").last.map(String.init) ?? executable
        let state = Watched(State())
        self.state = state
        let reads = [Output.standardOutput: Gate(), .standardError: Gate()]
        self.reads = reads
        Self.collect(.standardOutput, from: output.read, reads[.standardOutput], into: state)
        Self.collect(.standardError, from: errors.read, reads[.standardError], into: state)
        Thread.detachNewThread { Self.awaitExit(of: pid, into: state) }
    }

    /// Starts a program of this package, such as `jobqueued`.
    package convenience init(
        product: String, _ arguments: [String] = [], environment: [String: String] = [:],
        input: String = ""
    ) throws {
        try self.init(
            "\(Self.productsDirectory)/\(product)", arguments, environment: environment,
            input: input)
    }

    /// What it gets of this process's environment; the last ones are a sanitizer's.
    private static let inherited = [
        "PATH", "HOME", "LANG", "TMPDIR", "LD_PRELOAD", "TSAN_OPTIONS", "ASAN_OPTIONS",
    ]

    deinit {
        signal(SIGKILL, wholeGroup: true)
        for gate in reads.values { gate.open() }
    }

    /// Where this package's programs lie: beside the test bundle.
    package static let productsDirectory: String = {
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return executable.deletingLastPathComponent().path
    }()

    // MARK: - What it wrote

    /// The lines on standard output so far.
    package var standardOutput: [String] { lines(of: .standardOutput) }
    /// The lines on standard error so far.
    package var standardError: [String] { lines(of: .standardError) }

    private func lines(of output: Output) -> [String] {
        state.value.lines.filter { $0.output == output }.map(\.text)
    }

    /// Reads an output no more, until `resumeReading`: what is written fills the pipe, and then waits.
    /// One read that is under way still brings something.
    package func pauseReading(_ output: Output) { reads[output]?.close() }

    /// Reads it again.
    package func resumeReading(_ output: Output) { reads[output]?.open() }

    /// Awaits a line that contains `text`, among those that came already too. Fails at once when
    /// the program has closed its outputs without it.
    ///
    /// - Parameters:
    ///   - output: `nil` for either.
    ///   - number: which of the lines that contain it, counted from 1.
    @discardableResult
    package func line(
        containing text: String, from output: Output? = nil, number: Int = 1,
        within limit: Duration = .patience
    ) async throws -> String {
        let state = await state.wait(within: limit) {
            $0.line(text, from: output, number: number) != nil || $0.openOutputs == 0
        }
        guard let line = state?.line(text, from: output, number: number) else {
            let reason = state == nil ? "within \(limit)" : "before it ended"
            throw TestSupportError(
                "\(name) did not write \"\(text)\" \(reason); it wrote:\n"
                    + self.state.value.lines.map(\.text).joined(separator: "\n"))
        }
        return line
    }

    // MARK: - Its end

    /// Sends `signal`, to the process or to its whole group. Nothing happens when it has ended.
    package func signal(_ signal: Int32, wholeGroup: Bool = false) {
        state.update { [pid] state in
            // Under the lock and before it is reaped, so that the number is still this process's.
            guard state.status == nil else { return }
            _ = kill(wholeGroup ? -pid : pid, signal)
        }
    }

    /// How it ended; `nil` while it runs.
    package var exitStatus: ExitStatus? { state.value.status }

    /// Awaits its end. Its outputs may still be held open by what it started.
    @discardableResult
    package func waitForExit(within limit: Duration = .patience) async throws -> ExitStatus {
        guard let status = await state.wait(within: limit, until: { $0.status != nil })?.status
        else {
            throw TestSupportError(
                "\(name) still runs after \(limit); it wrote:\n"
                    + state.value.lines.map(\.text).joined(separator: "\n"))
        }
        return status
    }

    /// Awaits its end and the end of both outputs, so that nothing more comes.
    @discardableResult
    package func waitForEndOfOutput(within limit: Duration = .patience) async throws
        -> ExitStatus
    {
        let ended = await state.wait(within: limit) { $0.status != nil && $0.openOutputs == 0 }
        guard let status = ended?.status else {
            throw TestSupportError("\(name) or a child of it still runs after \(limit)")
        }
        return status
    }
}

// MARK: - Threads that serve it

extension ChildProcess {
    private static func collect(
        _ output: Output, from descriptor: Int32, _ gate: Gate?, into state: Watched<State>
    ) {
        Thread.detachNewThread {
            var rest: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                gate?.pass()
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { break }
                rest += buffer[..<count]
                var lines = rest.split(
                    separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                rest = lines.popLast().map { Array($0) } ?? []
                if lines.isEmpty { continue }
                let texts = lines.map { String(decoding: $0, as: UTF8.self) }
                state.update { $0.lines += texts.map { (output, $0) } }
            }
            close(descriptor)
            let last = rest.isEmpty ? [] : [(output, String(decoding: rest, as: UTF8.self))]
            state.update { state in
                state.lines += last
                state.openOutputs -= 1
            }
        }
    }

    private static func awaitExit(of pid: pid_t, into state: Watched<State>) {
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
        OrphanGuard.shared?.remove(pid)
        state.update { state in
            // The dead leader still holds the group's number: what it left behind goes with it.
            _ = kill(-pid, SIGKILL)
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
            let signal = status & 0x7F
            state.status = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
        }
    }

    private static func unlinkedFile(holding text: String) throws -> Int32 {
        var template = Array("/tmp/jobqueued-input.XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw TestSupportError.systemCall("mkstemp") }
        unlink(template)
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count,
            lseek(descriptor, 0, SEEK_SET) == 0
        else {
            close(descriptor)
            throw TestSupportError.systemCall("write")
        }
        return descriptor
    }
}
