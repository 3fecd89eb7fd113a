import JobQueue
import LinuxSystem

/// What each command of a daemon finds in its environment beside what its own file and its job say:
/// nothing of the daemon's own variables.
package struct CommandEnvironment: Sendable {
    /// The same for all.
    private let common: [String: String]

    /// - Parameters:
    ///   - account: That of the daemon; `nil`: it has none.
    ///   - control: The path of the daemon's control socket.
    package init(account: UserDatabase.Account? = nil, control: String? = nil) {
        // As systemd has it for its services.
        var common = ["PATH": Self.searchPath, "LANG": "C.UTF-8"]
        let home = account?.home ?? ""
        common["HOME"] = home.hasPrefix("/") ? home : "/"
        let shell = account?.shell ?? ""
        let isShell =
            shell.hasPrefix("/") && !shell.hasSuffix("/nologin") && !shell.hasSuffix("/false")
        common["SHELL"] = isShell ? shell : "/bin/sh"
        common["USER"] = account?.name
        common["LOGNAME"] = account?.name
        common["JQ_CONTROL"] = control
        self.common = common
    }

    /// - Parameters:
    ///   - deadline: Unix milliseconds at which the command is told to end.
    ///   - own: The definition's variables. What tells of the job stands over them.
    func variables(
        of job: Job, deadline: Int64, _ own: [String: String]
    ) -> [String: String] {
        var variables = variables(own)
        variables["JOB_ID"] = job.id.description
        variables["JOB_TYPE"] = job.type.description
        variables["JOB_QUEUE"] = job.queue.description
        variables["JOB_ATTEMPT"] = String(job.attempt)
        variables["JOB_MAX_ATTEMPTS"] = String(job.maxAttempts)
        variables["JOB_DEADLINE_MS"] = String(deadline)
        return variables
    }

    /// What does not tell of a job.
    func variables(_ own: [String: String]) -> [String: String] {
        common.merging(own) { _, own in own }
    }

    /// When the time of an attempt that begins now is over, Unix milliseconds.
    static func deadline(of context: JobContext, _ clock: any JobClock) -> Int64 {
        clock.unixMilliseconds + Int64(clamping: context.timeout.wholeNanoseconds / 1_000_000)
    }

    /// What systemd gives to services.
    private static let searchPath =
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}
