import ChildProcesses
import ExecHandler
import FoundationEssentials
import Glibc
import JobQueue
import LinuxSystem
import Synchronization

/// Runs a suspect in a process of its own: this very program, started once more for that one job. If it
/// dies nobody else does, and what it died of is known.
struct SuspectProcess: SuspectRunner {
    let processes: ChildProcesses
    /// The daemon's.
    let environment: [String: String]
    let options: DaemonOptions
    /// This very program, also when its file was replaced meanwhile.
    var executable = "/proc/self/exe"

    func run(_ job: Job, _ context: JobContext, losses: Int) async throws {
        let output = SuspectOutput()
        let errors = ErrorLines(log: context.log)
        let command = try command(job, context, output, errors)
        let result: ChildResult
        do throws(ChildProcessError) {
            result = try await processes.run(command)
        } catch {
            if case .noResources = error { throw PutOff(.seconds(5), error.description) }
            throw error
        }
        errors.end(dropped: result.errors.dropped)
        if let answer = output.answer { return try answer.replay(context) }
        // It was told to stop, and the worker knows why.
        if result.wasStopped { throw CancellationError() }
        // What a program says when it traps is the cause.
        let lines = errors.lastLines
        let cause = lines.isEmpty ? "" : ": \(lines)"
        guard output.hasBegun else {
            throw SuspectFailure(
                description: "cannot run it in a process of its own: that was \(result.end) before "
                    + "the handler began\(cause)")
        }
        throw SkipRetry(
            "\(result.end) in a process of its own, where it ran because \(losses) daemons were lost "
                + "while they ran it\(cause)")
    }

    private func command(
        _ job: Job, _ context: JobContext, _ output: SuspectOutput, _ errors: ErrorLines
    ) throws -> ChildCommand {
        var command = ChildCommand(
            executable, [SuspectMode.argument], environment: ownEnvironment,
            grace: options.killGrace)
        command.name = "jobqueued-suspect"
        let order = SuspectOrder(
            job, context, of: getpid(), isDemo: options.isDemo,
            logLevel: options.logLevel)
        command.input = Array(try JSONEncoder().encode(order))
        // A result in JSON once more.
        command.output = .answers(atMost: 1 << 20, { output.take($0) }, isClosed: {})
        command.errors = ErrorLines.use { errors.add($0) }
        // What protects the daemon when memory runs out is not to protect a job that may take all of it.
        command.limits.oomScore = ProcessLimits.OOMScore(0, isNeeded: false)
        return command
    }

    /// Without what the service manager says to the daemon alone.
    private var ownEnvironment: [String: String] {
        environment.filter { name, _ in
            !["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM"].contains(name)
                && !name.hasPrefix("LISTEN_")
        }
    }
}

/// What a suspect's process prints, of which the last line is the answer. A site's program may print
/// whatever it likes before, however much.
private final class SuspectOutput: Sendable {
    private struct State {
        var last: [UInt8] = []
        var hasBegun = false
    }

    private let state = Mutex(State())

    func take(_ line: OutputLine) {
        guard !line.bytes.isEmpty else { return }
        state.withLock { state in
            state.last = line.bytes
            if line.bytes.elementsEqual(SuspectAnswer.beginning.utf8) { state.hasBegun = true }
        }
    }

    /// Whether the handler was called.
    var hasBegun: Bool { state.withLock { $0.hasBegun } }

    /// `nil`: the last line is none.
    var answer: SuspectAnswer? {
        let last = state.withLock { $0.last }
        return try? JSONDecoder().decode(SuspectAnswer.self, from: Data(last))
    }
}
