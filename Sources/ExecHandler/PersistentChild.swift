import ChildProcesses
import EventLoop
import JobQueue
import LinuxSystem

/// One long-lived child of a command, which is given one job at a time: a line of JSON to its standard
/// input, a line of JSON back on its standard output. Lives on the loop.
actor PersistentChild {
    /// How it ended, and whether it was of use.
    struct Life: Sendable {
        /// Why it could not be started; `nil`: it ran.
        let error: ChildProcessError?
        let hasAnswered: Bool
    }

    /// The child is gone, or goes, and has not been given the job.
    struct NotReached: Error {}

    private struct Run {
        let number: Int
        let job: Job
        let lines: ErrorLines
        let continuation: CheckedContinuation<PersistentAnswer, any Error>
        /// The length of its line.
        let length: Int
        var isInterrupted = false
    }

    private let definition: CommandDefinition
    private let processes: ChildProcesses
    private let known: KnownHandlers
    private let environment: CommandEnvironment
    private let grace: Duration
    private let loop: EventLoop
    private let log: Logger

    private var child: RunningChild?
    private var life: Task<Life, Never>?
    private var run: Run?
    private var runs = 0
    private var answers = 0
    /// It gets no job any more.
    private var isLeaving = false
    private var leaveTimer: TimerSource?
    private var closedTimer: TimerSource?
    /// What it says while it has no job.
    private var idleLines: ErrorLines

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The executor lives as long as `loop`, which this actor owns.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(
        _ definition: CommandDefinition, processes: ChildProcesses, known: KnownHandlers,
        environment: CommandEnvironment, grace: Duration, loop: EventLoop, log: Logger
    ) {
        self.definition = definition
        self.processes = processes
        self.known = known
        self.environment = environment
        self.grace = grace
        self.loop = loop
        self.log = log
        idleLines = ErrorLines(log: log, prefix: "\(definition.name): ")
    }

    /// Starts it. `isOver` is called, on the loop, when nothing is left of it.
    func start(_ isOver: @escaping @Sendable (Life) -> Void) {
        let child = processes.assumeIsolated { [command = command()] in $0.child(for: command) }
        self.child = child
        // `end()` waits for this task.
        life = Task(executorPreference: loop) {
            let life = await self.live(child)
            isOver(life)
            return life
        }
    }

    /// Whether it may be given a job.
    var isFree: Bool { run == nil && !isLeaving }

    /// Returns when nothing is left of it.
    func end() async {
        leave()
        _ = await life?.value
    }
}

// MARK: - A job

extension PersistentChild {
    /// Gives it a job, and does what its answer says. Throws `NotReached` where it was not given it.
    func run(_ job: Job, _ context: JobContext, deadline: Int64) async throws {
        try Task.checkCancellation()
        runs += 1
        let number = runs
        let answer = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let line = PersistentOrder.line(of: job, deadline: deadline)
                let run = Run(
                    number: number, job: job, lines: ErrorLines(log: context.log),
                    continuation: continuation, length: line.count)
                begin(run, line)
            }
        } onCancel: {
            // Nobody waits for this task: the job above goes on until the child has ended.
            Task(executorPreference: loop) { await self.interrupt(number) }
        }
        try answer.replay(context, definition.result)
    }

    private func begin(_ run: Run, _ line: [UInt8]) {
        guard isFree, let child else {
            return run.continuation.resume(throwing: NotReached())
        }
        guard child.assumeIsolated({ $0.send(line) }) else {
            leave()
            return run.continuation.resume(throwing: NotReached())
        }
        idleLines.end(dropped: renewErrors())
        idleLines = ErrorLines(log: log, prefix: "\(definition.name): ")
        self.run = run
    }

    private func interrupt(_ number: Int) {
        guard run?.number == number else { return }
        run?.isInterrupted = true
        stop()
    }

    private func take(_ line: OutputLine) {
        guard !isLeaving else { return }
        // What it wrote before it answered belongs to the job.
        child?.assumeIsolated { $0.readErrors() }
        guard let run else {
            log.warning("\(definition.name): a line on standard output that nobody asked for")
            return stop()
        }
        do {
            guard line.dropped == 0 else {
                throw NoAnswer("it is longer than \(Self.longestAnswer) bytes", line.bytes)
            }
            let answer = try PersistentAnswer(line.bytes, of: run.job.id)
            answers += 1
            known.note(definition.pattern)
            if case .persistent(let jobs?) = definition.mode, answers >= jobs { leave() }
            finish { _ in .success(answer) }
        } catch {
            stop()
            finish { lines in .failure(CommandFailure("\(error)", lines)) }
        }
    }

    /// - Parameter result: is told what is kept of standard error.
    private func finish(_ result: (_ lastLines: String) -> Result<PersistentAnswer, any Error>) {
        guard let run else { return }
        // The last lines of very many come with this.
        let dropped = renewErrors()
        run.lines.end(dropped: dropped)
        self.run = nil
        run.continuation.resume(with: result(run.lines.lastLines))
    }

    /// What comes from now on belongs to another job, or to none.
    ///
    /// - Returns: how much was dropped of what came until now.
    private func renewErrors() -> Int {
        child?.assumeIsolated { $0.renewErrors(total: ErrorLines.limit) } ?? 0
    }

    private func takeError(_ line: OutputLine) { (run?.lines ?? idleLines).add(line) }

    private static let longestAnswer = 2 * KeptResult.limit
}

// MARK: - Its life

extension PersistentChild {
    private func command() -> ChildCommand {
        var command = definition.command(
            environment: environment.variables(definition.environment), grace: grace)
        command.inputStaysOpen = true
        command.output = .answers(
            atMost: Self.longestAnswer,
            { [weak self] line in self?.assumeIsolated { $0.take(line) } },
            isClosed: { [weak self] in self?.assumeIsolated { $0.outputIsClosed() } })
        command.errors = ErrorLines.use { [weak self] line in
            self?.assumeIsolated { $0.takeError(line) }
        }
        return command
    }

    private func live(_ child: RunningChild) async -> Life {
        var failure: ChildProcessError?
        do throws(ChildProcessError) {
            let result = try await processes.run(child)
            known.note(definition.pattern)
            noteEnd(result)
        } catch {
            failure = error
            finish { _ in .failure(known.failure(error, of: definition.pattern)) }
        }
        isLeaving = true
        leaveTimer = nil
        closedTimer = nil
        self.child = nil
        return Life(error: failure, hasAnswered: answers > 0)
    }

    private func noteEnd(_ result: ChildResult) {
        (run?.lines ?? idleLines).end(dropped: result.errors.dropped)
        guard let run else {
            if !isLeaving { log.warning("\(definition.name): \(result.end) while it had no job") }
            return
        }
        if run.isInterrupted {
            finish { .failure(Interrupted(lastWords: $0.isEmpty ? Self.silent : $0)) }
        } else if answers > 0, result.unreadInput >= run.length {
            // It was leaving after its last job when this one came. Only one that has been of use: else
            // the job would wait for ever for one that reads it.
            finish { _ in .failure(NotReached()) }
        } else {
            finish {
                .failure(
                    CommandFailure(EndHint.text(of: result.end, suffix: " without an answer"), $0))
            }
        }
    }

    /// It can answer no more. Most often it has ended, which is told in a moment.
    private func outputIsClosed() {
        guard !isLeaving, closedTimer == nil else { return }
        do {
            closedTimer = try TimerSource(loop: loop) { [weak self] in
                self?.assumeIsolated { $0.replaceSilent() }
            }
            try closedTimer?.set(after: Self.timeToEnd)
        } catch {
            // Without a timer (out of memory) it is told at once.
            replaceSilent()
        }
    }

    private func replaceSilent() {
        closedTimer = nil
        guard !isLeaving else { return }
        if run == nil {
            log.warning("\(definition.name): it has closed its standard output, and is replaced")
        }
        stop()
        finish { .failure(CommandFailure("it closed its standard output without an answer", $0)) }
    }

    /// Gives it no job any more, and ends its input, which it should take for a reason to end.
    func leave() {
        guard !isLeaving else { return }
        isLeaving = true
        child?.assumeIsolated { $0.finishInput() }
        do {
            leaveTimer = try TimerSource(loop: loop) { [weak self] in
                self?.assumeIsolated { $0.stop() }
            }
            try leaveTimer?.set(after: min(grace, Self.timeToLeave))
        } catch {
            // Without a timer (out of memory) it is told at once.
            stop()
        }
    }

    /// Tells all its processes to end, and kills them after the grace.
    private func stop() {
        isLeaving = true
        leaveTimer = nil
        child?.assumeIsolated { $0.askToEnd() }
    }

    /// From the end of its output to its own end.
    private static let timeToEnd = Duration.milliseconds(500)
    /// What is told of one that was stopped and has said nothing.
    private static let silent = "no answer came; does it flush its standard output?"
    private static let timeToLeave = Duration.seconds(1)
}
