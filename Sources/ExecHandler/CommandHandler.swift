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
    private let grace: Duration
    private let clock: any JobClock

    /// - Parameter grace: How long the command may take to end when it is told to.
    package init(
        _ definition: CommandDefinition, processes: ChildProcesses, grace: Duration,
        clock: any JobClock
    ) {
        self.definition = definition
        self.processes = processes
        self.grace = grace
        self.clock = clock
    }

    /// Runs the command to its end. Throws what its end means, with the last that it wrote to standard
    /// error.
    package func run(_ job: Job, _ context: JobContext) async throws {
        let lastLines = LastLines()
        let command = command(for: job, context, lastLines)
        let result: ChildResult
        do throws(ChildProcessError) {
            result = try await processes.run(command)
        } catch {
            guard error.isLasting else { throw error }
            throw SkipRetry(error.description)
        }
        // It was told to stop, and the worker knows why.
        if result.wasStopped { throw CancellationError() }
        try definition.judge(result.end, lastLines: lastLines.text)
    }

    private func command(
        for job: Job, _ context: JobContext, _ lastLines: LastLines
    ) -> ChildCommand {
        let deadline =
            clock.unixMilliseconds + Int64(clamping: context.timeout.wholeNanoseconds / 1_000_000)
        var command = definition.command(
            environment: CommandEnvironment.variables(
                of: job, deadline: deadline, definition.environment),
            grace: grace)
        command.input = Array(job.payload.bytes)
        // Nothing keeps results yet: read, so that nothing waits for a reader, and dropped.
        command.output = .kept(atMost: 0)
        command.errors = .lines(each: LogText.maxBytes, total: Self.logLimit) { output in
            let line = PrefixedLine(output.bytes)
            lastLines.add(line.text)
            context.log.log(line.level, line.text)
        }
        return command
    }

    /// So much of standard error goes into the log; the rest is read and dropped.
    private static let logLimit = 1 << 20
}
