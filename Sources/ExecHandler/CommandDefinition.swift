import ChildProcesses
import JobQueue
import LinuxSystem

/// A command that runs jobs, as a handler file defines it.
package struct CommandDefinition: Sendable, Equatable {
    /// How a command meets its jobs.
    package enum Mode: Sendable, Equatable {
        /// It is started for each job.
        case once
        /// It runs on and is given one job after the other, until it has had `jobs` of them.
        case persistent(jobs: Int?)
    }

    /// What becomes of a command's result: of what it writes to standard output, or says in its answer.
    package enum ResultUse: Sendable, Equatable {
        case keep
        case drop
    }

    /// The handler file's name without its ending.
    package var name: String
    /// The types of job that it runs.
    package var pattern: JobTypePattern
    /// The executable's absolute path.
    package var executable: String
    /// Without the program's own name.
    package var arguments: [String] = []
    package var mode = Mode.once
    /// Time limit, attempts, backoff and retention of its jobs, and how many run at once.
    package var options = HandlerOptions()
    /// How many of its jobs this daemon runs at once at most; `nil`: as many as there are slots.
    package var concurrency: Int? {
        get { options.concurrency }
        set { options.concurrency = newValue }
    }
    /// Variables beside those that every command gets.
    package var environment: [String: String] = [:]
    /// `nil`: `/`.
    package var workingDirectory: String?
    /// Exit statuses of success beside 0.
    package var successStatuses: Set<UInt8> = []
    /// Exit statuses that say that trying again cannot help.
    package var deadStatuses: Set<UInt8> = [64, 65, 78]
    /// -20...19; `nil`: the daemon's.
    package var nice: Int?
    /// Bytes of address space that each of its processes may have (RLIMIT_AS).
    package var memoryMax: UInt64?
    /// Processor time that each of its processes may use (RLIMIT_CPU), whole seconds.
    package var processorTime: Duration?
    package var result = ResultUse.keep

    package init(name: String, pattern: JobTypePattern, executable: String) {
        self.name = name
        self.pattern = pattern
        self.executable = executable
    }
}

extension CommandDefinition {
    /// The program, started where and with what the file says.
    ///
    /// - Parameter grace: How long it may take to end when it is told to.
    func command(environment: [String: String], grace: Duration) -> ChildCommand {
        var command = ChildCommand(
            executable, arguments, environment: environment, grace: grace)
        command.isMarked = true
        command.directory = workingDirectory ?? "/"
        command.limits = ProcessLimits(
            nice: nice.map { Int32($0) }, memory: memoryMax,
            processorSeconds: processorTime.map { UInt64(clamping: $0.components.seconds) })
        return command
    }
}
