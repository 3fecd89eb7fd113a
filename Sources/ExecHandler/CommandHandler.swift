import ChildProcesses
import JobQueue
import LinuxSystem

/// Runs jobs by a command that is started for each of them.
///
/// The payload is what the command reads; who the job is, it finds in its environment. Nothing of the
/// payload is ever an argument or a variable, and no shell has a part in it.
package struct CommandHandler: Sendable {
    private let definition: CommandDefinition
    private let processes: ChildProcesses
    private let known: KnownHandlers
    private let environment: CommandEnvironment
    private let grace: Duration
    private let clock: any JobClock

    /// - Parameters:
    ///   - known: Decides what follows when the command is missing.
    ///   - grace: How long the command may take to end when it is told to.
    package init(
        _ definition: CommandDefinition, processes: ChildProcesses, known: KnownHandlers,
        environment: CommandEnvironment = CommandEnvironment(), grace: Duration,
        clock: any JobClock
    ) {
        self.definition = definition
        self.processes = processes
        self.known = known
        self.environment = environment
        self.grace = grace
        self.clock = clock
    }

    /// Runs the command to its end. Throws what its end means, with the last that it wrote to standard
    /// error.
    package func run(_ job: Job, _ context: JobContext) async throws {
        let lines = ErrorLines(log: context.log)
        let result: ChildResult
        do throws(ChildProcessError) {
            result = try await start(command(for: job, context, lines))
        } catch {
            throw known.failure(error, of: definition.pattern)
        }
        known.note(definition.pattern)
        lines.end(dropped: result.errors.dropped)
        // It was told to stop, and the worker knows why.
        if result.wasStopped { throw Interrupted(lastWords: lines.lastLines) }
        try definition.judge(result.end, lastLines: lines.lastLines)
        if keepsResult(context) { keep(result.output, context) }
    }

    private func keep(_ output: KeptOutput, _ context: JobContext) {
        guard context.setResult(output: output.bytes, dropped: output.dropped) else { return }
        context.log.warning(
            "the result was cut: \(output.bytes.count + output.dropped) bytes on standard output, and "
                + "\(KeptResult.limit) are kept")
    }

    /// Tries again for a moment when the machine has no process, no memory or no descriptor to give.
    private func start(_ command: ChildCommand) async throws(ChildProcessError) -> ChildResult {
        for pause in Self.pauses {
            do throws(ChildProcessError) {
                return try await processes.run(command)
            } catch {
                guard case .noResources = error else { throw error }
                // A task that is cancelled meanwhile finds that out by the next try.
                try? await clock.sleep(for: pause)
            }
        }
        return try await processes.run(command)
    }

    /// While a job waits here it has its slot, so that the jobs behind it are not tried at once, one after
    /// the other.
    private static let pauses: [Duration] = [.milliseconds(150), .milliseconds(300)]
    /// How long a job is put off.
    static let putOff = Duration.seconds(5)

    private func keepsResult(_ context: JobContext) -> Bool {
        context.keepsResult && definition.result == .keep
    }

    private func command(
        for job: Job, _ context: JobContext, _ lines: ErrorLines
    ) -> ChildCommand {
        var command = definition.command(
            environment: environment.variables(
                of: job, deadline: CommandEnvironment.deadline(of: context, clock),
                definition.environment),
            grace: grace)
        command.input = Array(job.payload.bytes)
        command.output = keepsResult(context) ? .kept(atMost: KeptResult.limit) : .dropped
        command.errors = ErrorLines.use { lines.add($0) }
        return command
    }
}
