import JobQueue

/// What a command finds in its environment, and nothing beside it.
enum CommandEnvironment {
    /// - Parameters:
    ///   - deadline: Unix milliseconds at which the command is told to end.
    ///   - own: The definition's variables. What tells of the job stands over them.
    static func variables(
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
    static func variables(_ own: [String: String]) -> [String: String] {
        ["PATH": searchPath, "LANG": "C.UTF-8"].merging(own) { _, own in own }
    }

    /// When the time of an attempt that begins now is over, Unix milliseconds.
    static func deadline(of context: JobContext, _ clock: any JobClock) -> Int64 {
        clock.unixMilliseconds + Int64(clamping: context.timeout.wholeNanoseconds / 1_000_000)
    }

    /// What systemd gives to services.
    private static let searchPath =
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}
