import ChildProcesses
import ExecHandler
import JobQueue

extension Measurement {
    /// Commands as handlers: one that is started for each job, beside a bare loop that starts and waits
    /// for the same; and one that runs on, beside the same started for each job.
    static let commands = Measurement(
        name: "commands", title: "commands as handlers, concurrency 10"
    ) { bench, report in
        let runs = bench.scale.count(5_000)
        let program = "/bin/true"
        let quick = try await bench.besideLimit {
            try await bench.limit.spawned(program, runs: runs)
        } ours: {
            try await bench.commandRate(jobs: runs, program, [], .once)
        }
        report(
            Row("/bin/true, beside posix_spawn", .perSecond, quick, goal: .ratioAtLeast(0.8)))
        let echoes = bench.scale.count(20_000)
        let python = try await bench.besideLimit {
            try await bench.commandRate(
                jobs: max(20, echoes / 50), Bench.python, ["-c", Bench.echo], .once)
        } ours: {
            try await bench.commandRate(
                jobs: echoes, Bench.python, ["-c", Bench.echo], .persistent(jobs: nil))
        }
        report(
            Row(
                "Python, running on, beside started", .perSecond, python,
                goal: .ratioAtLeast(10)))
    }
}

extension Bench {
    fileprivate static let python = "/usr/bin/python3"
    /// Answers each order, or the end of its input.
    fileprivate static let echo = """
        import json, sys
        for line in sys.stdin: json.loads(line); print('{"ok":true}', flush=True)
        """

    /// Jobs per second that a command runs of those that are there when the worker starts.
    fileprivate func commandRate(
        jobs: Int, _ program: String, _ arguments: [String], _ mode: CommandDefinition.Mode
    ) async throws -> Double {
        let processes = try ChildProcesses(loop: loop, sweepingBy: "JOB_RUN")
        guard let pattern = JobTypePattern(BenchJob.type.description) else {
            throw BenchError("no pattern: \(BenchJob.type)")
        }
        var definition = CommandDefinition(name: "bench", pattern: pattern, executable: program)
        definition.arguments = arguments
        definition.mode = mode
        let known = KnownHandlers(clock: clock)
        let once = CommandHandler(
            definition, processes: processes, known: known, grace: .seconds(10), clock: clock)
        let persistent = PersistentCommand(
            definition, processes: processes, known: known, slots: Self.commandSlots,
            grace: .seconds(10), loop: loop, clock: clock, log: NoLog())
        let rate = try await drainRate(
            jobs: jobs, slots: Self.commandSlots,
            warmUp: min(jobs, 10)
        ) { job, context in
            switch mode {
            case .once: try await once.run(job, context)
            case .persistent: try await persistent.run(job, context)
            }
        }
        await persistent.end()
        return rate
    }

    private static let commandSlots = 10
}
