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
    package var addressSpace: UInt64?
    /// Processor time that each of its processes may use (RLIMIT_CPU), whole seconds.
    package var processorTime: Duration?
    /// Descriptors that each of its processes may have open (RLIMIT_NOFILE); `nil`: 1024, and as
    /// many as the daemon may have when a program asks for more.
    package var openFiles: DescriptorLimit?
    /// -1000...1000; `nil`: 0, or the daemon's own where that may not be lowered.
    package var oomScore: Int?
    /// `nil`: the daemon's.
    package var umask: UInt16?
    package var result = ResultUse.keep
    /// Of a command that runs on: its program, the files among its arguments and its directory, as they
    /// were when the handler file was read. When they are others, so is the command.
    package var files: [FileVersion] = []

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
        var limits = ProcessLimits(
            nice: nice.map { Int32($0) }, memory: addressSpace,
            processorSeconds: processorTime.map { UInt64(clamping: $0.components.seconds) })
        limits.descriptors = openFiles ?? Self.usualDescriptors
        // What protects the daemon is not to protect a command that takes all memory.
        limits.oomScore = ProcessLimits.OOMScore(oomScore ?? 0, isNeeded: oomScore != nil)
        limits.umask = umask
        command.limits = limits
        return command
    }

    /// As systemd has it for its services: `select(2)` breaks above 1024, and a program that can do with
    /// more takes it up to the hard limit.
    private static var usualDescriptors: DescriptorLimit? {
        DescriptorLimit.atStart.map { limit in
            DescriptorLimit(soft: min(limit.soft, 1024), hard: limit.hard)
        }
    }
}
