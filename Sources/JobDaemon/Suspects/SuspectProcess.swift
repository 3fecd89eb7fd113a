import ChildProcesses
import FoundationEssentials
import Glibc
import JobQueue

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
        let result = try await processes.run(try command(job, context))
        // A site's program may have printed something before it came to the handler.
        let lines = result.output.bytes.split(separator: UInt8(ascii: "\n"))
        if let last = lines.last,
            let answer = try? JSONDecoder().decode(SuspectAnswer.self, from: Data(last))
        {
            return try answer.replay(context)
        }
        // It was told to stop, and the worker knows why.
        if result.wasStopped { throw CancellationError() }
        guard lines.contains(where: { $0.elementsEqual(SuspectAnswer.beginning.utf8) }) else {
            throw SuspectFailure(
                description: "cannot run it in a process of its own: that was \(result.end) before "
                    + "the handler began")
        }
        throw SkipRetry(
            "\(result.end) in a process of its own, where it ran because \(losses) daemons were lost "
                + "while they ran it")
    }

    private func command(_ job: Job, _ context: JobContext) throws -> ChildCommand {
        var command = ChildCommand(
            executable, [SuspectMode.argument], environment: ownEnvironment,
            grace: options.killGrace)
        command.name = "jobqueued-suspect"
        let order = SuspectOrder(
            job, context, of: getpid(), isDemo: options.isDemo,
            logLevel: options.logLevel)
        command.input = Array(try JSONEncoder().encode(order))
        // A result in JSON once more, and what a site's program prints.
        command.output = .kept(atMost: 1 << 20)
        command.errors = .lines(each: LogText.maxBytes, total: 1 << 20) { line in
            let line = PrefixedLine(line.bytes)
            context.log.log(line.level, line.text)
        }
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
