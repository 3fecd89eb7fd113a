import CLinux
import Glibc

/// What a process is started with. It inherits nothing else: no other descriptor, no variable, no
/// blocked signal, and no signal's action.
package struct ProcessStart: Sendable {
    /// Not looked up in PATH, and not tried as a script of a shell.
    package let path: String
    /// With the name, by which programs call themselves, first. No string here may hold a NUL.
    package let arguments: [String]
    package let environment: [String: String]
    /// Lent descriptors, which become 0, 1 and 2. None may be one of these numbers.
    package let streams: (input: Int32, output: Int32, errors: Int32)
    /// Where it starts; `nil`: where this process is.
    package var directory: String?
    package var limits = ProcessLimits()

    package init(
        path: String, arguments: [String], environment: [String: String],
        streams: (input: Int32, output: Int32, errors: Int32)
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.streams = streams
    }

    /// Starts it as the leader of a session of its own, and of a group. It is killed when the thread
    /// ends that calls this. Blocks until the program was loaded. Wraps `clone(2)` and `execve(2)`.
    package func start() throws(ProcessStartError) -> StartedProcess {
        var process = pid_t()
        var descriptor: Int32 = -1
        var step: Int32 = 0
        let code = withStart { start in
            withUnsafePointer(to: start) { clinux_spawn($0, &process, &descriptor, &step) }
        }
        guard code == 0 else { throw ProcessStartError(self, step: step, errno: code) }
        return StartedProcess(processID: process, descriptor: descriptor)
    }

    /// Whether there is a file at its path: then "no such file" is said of the file's interpreter.
    package static func fileExists(at path: String) -> Bool { access(path, F_OK) == 0 }

    /// Calls `body` with all this as C has it.
    private func withStart<Result>(_ body: (clinux_start) -> Result) -> Result {
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let oomScore = limits.oomScore.map { [String($0.value)] } ?? []
        return Self.withStrings([path] + (directory.map { [$0] } ?? [])) { places in
            Self.withStrings(arguments) { arguments in
                Self.withStrings(variables) { environment in
                    Self.withStrings(oomScore) { oomScore in
                        var start = clinux_start()
                        start.path = UnsafePointer(places[0])
                        start.arguments = arguments
                        start.environment = environment
                        start.streams = (streams.input, streams.output, streams.errors)
                        // A null, where there is none.
                        start.directory = UnsafePointer(places[1])
                        start.sets_nice = limits.nice == nil ? 0 : 1
                        start.nice = limits.nice ?? 0
                        start.memory = limits.memory ?? 0
                        start.processor_seconds = limits.processorSeconds ?? 0
                        start.descriptors = limits.descriptors?.soft ?? 0
                        start.most_descriptors = limits.descriptors?.hard ?? 0
                        // A null, where there is none.
                        start.oom_score = UnsafePointer(oomScore[0])
                        start.needs_oom_score = limits.oomScore?.isNeeded == true ? 1 : 0
                        start.umask = limits.umask.map { Int32($0) } ?? -1
                        return body(start)
                    }
                }
            }
        }
    }

    /// Calls `body` with `strings` as C has them: an array of pointers that ends with a null.
    private static func withStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let pointers = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers)
    }
}

/// How much of the machine a process may take, from before its first instruction. What it starts has
/// the same limits, each for itself.
package struct ProcessLimits: Sendable, Equatable {
    /// -20...19; `nil`: this process's.
    package var nice: Int32?
    /// Bytes of address space (RLIMIT_AS); `nil`: no other limit than this process's.
    package var memory: UInt64?
    /// Processor time (RLIMIT_CPU): then SIGXCPU comes, and a second later SIGKILL. `nil`: no other
    /// limit than this process's.
    package var processorSeconds: UInt64?
    /// Descriptors that may be open (RLIMIT_NOFILE); `nil`: this process's limits.
    package var descriptors: DescriptorLimit?
    /// How soon the kernel kills it when memory runs out; `nil`: as this process.
    package var oomScore: OOMScore?
    /// The mode bits that its new files lack; `nil`: this process's.
    package var umask: UInt16?

    /// What `/proc/PID/oom_score_adj` holds.
    package struct OOMScore: Sendable, Equatable {
        /// -1000...1000.
        package let value: Int
        /// Whether the start fails when the system does not allow it.
        package let isNeeded: Bool

        package init(_ value: Int, isNeeded: Bool) {
            self.value = value
            self.isNeeded = isNeeded
        }
    }

    package init(nice: Int32? = nil, memory: UInt64? = nil, processorSeconds: UInt64? = nil) {
        self.nice = nice
        self.memory = memory
        self.processorSeconds = processorSeconds
    }
}

/// Why a process was not started; nothing is left of it.
package struct ProcessStartError: Error, Equatable {
    /// What failed.
    package enum Step: Sendable {
        /// There is no process, or not the session and the descriptors that it is to have.
        case prepare
        case directory
        case nice
        case limits
        /// The program cannot be loaded.
        case program
    }

    package let step: Step
    package let reason: SystemError

    fileprivate init(_ start: ProcessStart, step: Int32, errno code: Int32) {
        let call: String
        var path = start.path
        switch clinux_step(rawValue: UInt32(step)) {
        case clinux_step_directory:
            (self.step, call) = (.directory, "start \(path) in the directory")
            path = start.directory ?? ""
        case clinux_step_nice: (self.step, call) = (.nice, "set the niceness of")
        case clinux_step_limit: (self.step, call) = (.limits, "set the limits of")
        case clinux_step_oom_score: (self.step, call) = (.limits, "set the OOM score of")
        case clinux_step_run: (self.step, call) = (.program, "start")
        default: (self.step, call) = (.prepare, "start")
        }
        reason = .failed(call: call, path: path, errno: code)
    }
}
