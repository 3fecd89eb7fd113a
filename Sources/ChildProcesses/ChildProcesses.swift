import EventLoop
import Glibc
import LinuxSystem

/// Runs programs as children of this process, each in a session of its own, and sees to it that
/// nothing is left of them: no process, no zombie, no descriptor.
///
/// There should be one for as long as the process lives: its thread is the one that children die with.
package actor ChildProcesses {
    private let loop: EventLoop
    private let thread: ProcessThread
    private let limit: Int
    /// `nil`: they are left alone.
    private let strays: Strays?
    private let sessions: SessionWatch
    /// Children that cannot be told to end.
    private let refused: RefusedSignals
    private var running: [ObjectIdentifier: RunningChild] = [:]
    private var isOver = false
    /// How many children were made.
    private var count = 0
    private var sweepTimer: TimerSource?
    /// Looks now and then for children that have ended and that nobody knows.
    private var reapTimer: TimerSource?
    private var isSweeping = false
    /// Children have ended since the sweep began that is under way.
    private var isSweepAsked = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The executor lives as long as `loop`, which this actor owns.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// Starts the thread that starts children. From now on SIGPIPE is ignored in this process, and
    /// SIGCHLD has its default action.
    ///
    /// - Parameters:
    ///   - variable: Marked children get it, with a value of their own. By this their strays are known: what
    ///     they leave behind in other sessions than their own. It is killed soon after their end. For that
    ///     this process becomes the parent of orphans below it, with the first of them. `nil`: no child is
    ///     marked.
    ///   - areAllOurs: Nothing else in this process starts children; see `Strays`.
    ///   - limit: How many children run at a time. For one more there are no descriptors.
    ///   - refused: is told of children that cannot be told to end.
    package init(
        loop: EventLoop, sweepingBy variable: String? = nil, areAllOurs: Bool = false,
        atMost limit: Int = .max, refused: RefusedSignals = RefusedSignals()
    ) throws {
        self.loop = loop
        self.limit = limit
        thread = try ProcessThread()
        ProcessSignals.ignoreBrokenPipes()
        ProcessSignals.keepEndedChildren()
        strays = variable.map { Strays(variable: $0, areAllOurs: areAllOurs) }
        sessions = SessionWatch(loop: loop, thread: thread)
        self.refused = refused
    }

    /// What the marks of this process begin with; `nil`: no child is marked.
    package nonisolated var markPrefix: String? { strays?.prefix }

    /// Runs a program until it has ended, which it may do in any way: see the result.
    ///
    /// What it leaves running in its group, or holding its outputs in its session, is killed when it
    /// ends. When the task is cancelled all of its session is asked to end (SIGTERM) and, after
    /// the command's grace, killed; only then this returns, with what it came to.
    package func run(_ command: ChildCommand) async throws(ChildProcessError) -> ChildResult {
        try await run(child(for: command))
    }

    /// A child that is not started yet, for `run`: whoever holds it can speak with it meanwhile.
    package func child(for command: ChildCommand) -> RunningChild {
        count += 1
        guard command.isMarked, let strays else {
            return RunningChild(
                command, mark: nil, loop: loop, thread: thread, sessions: sessions,
                refused: refused)
        }
        beginAdopting()
        let mark = "\(strays.prefix)\(count)"
        var command = command
        command.environment[strays.variable] = mark
        return RunningChild(
            command, mark: mark, loop: loop, thread: thread, sessions: sessions, refused: refused)
    }

    /// Runs a child, as above.
    package func run(_ child: RunningChild) async throws(ChildProcessError) -> ChildResult {
        guard !isOver, !Task.isCancelled else { throw .cancelled }
        guard running.count < limit else {
            throw .noResources(
                .failed(call: "start", path: child.executable, errno: EMFILE))
        }
        running[ObjectIdentifier(child)] = child
        defer {
            running[ObjectIdentifier(child)] = nil
            if child.mark != nil { sweepSoon() }
        }
        let result = await withTaskCancellationHandler {
            await Self.result(of: child)
        } onCancel: {
            // Nobody waits for this task: `run` of the child does not return before it has ended.
            Task(executorPreference: loop) { await child.askToEnd() }
        }
        return try result.get()
    }

    /// Kills every child at once, and starts none any more: the last thing before this process ends.
    package func killAll() {
        isOver = true
        for child in running.values { child.assumeIsolated { $0.kill() } }
    }

    private static func result(
        of child: RunningChild
    ) async -> Result<ChildResult, ChildProcessError> {
        do throws(ChildProcessError) {
            return .success(try await child.run())
        } catch {
            return .failure(error)
        }
    }
}

// What children leave behind in other sessions than their own.
extension ChildProcesses {
    /// Kills what children have left, wherever that hides: the last thing before this process ends. Blocks
    /// for a second at most.
    package func sweepForGood() {
        // Without a marked child nobody was adopted.
        if reapTimer != nil { strays?.sweepForGood(within: .seconds(1)) }
    }

    /// Kills what processes have left that are gone, by what their marks began with.
    ///
    /// - Returns: how many there were.
    package func killLeft(by prefixes: [String]) async -> Int {
        guard let strays, !prefixes.isEmpty else { return 0 }
        return await thread.perform { strays.killLeft(by: prefixes) }
    }

    /// From the first marked child on orphans are this process's to reap, also those that come of children
    /// that handlers start by themselves.
    private func beginAdopting() {
        guard reapTimer == nil else { return }
        // A kernel that cannot do it (before 3.4) leaves them to the first process.
        try? Strays.adopt()
        reapTimer = try? TimerSource(loop: loop) { [weak self] in
            self?.assumeIsolated { $0.reapNowAndThen() }
        }
        // Without a timer (out of memory) the end of a marked child is an occasion, too.
        try? reapTimer?.set(after: Self.reapPause)
    }

    private func reapNowAndThen() {
        if Strays.hasEndedChild() { sweepSoon() }
        // See above.
        try? reapTimer?.set(after: Self.reapPause)
    }

    private static let reapPause = Duration.seconds(30)

    /// Looks for strays in a second, unless that is to come already.
    private func sweepSoon() {
        isSweepAsked = true
        guard strays != nil, sweepTimer == nil, !isSweeping, !isOver else { return }
        do {
            sweepTimer = try TimerSource(loop: loop) { [weak self] in
                self?.assumeIsolated { $0.beginSweep() }
            }
            try sweepTimer?.set(after: .seconds(1))
        } catch {
            // Without a timer (out of memory) the end of the next child is another occasion.
            sweepTimer = nil
        }
    }

    private func beginSweep() {
        sweepTimer = nil
        isSweeping = true
        isSweepAsked = false
        // Nobody waits for this task: it ends by itself, and there is no other one at the time.
        Task(executorPreference: loop) { await self.sweep() }
    }

    /// One after the other: when one is over, it is known here of all children that it may have seen,
    /// and the next one leaves them alone.
    private func sweep() async {
        guard let strays else { return }
        let marks = Set(running.values.compactMap(\.mark))
        let leaders = Set(
            running.values.compactMap { child in child.assumeIsolated { $0.processID } })
        let isMoreLeft = await thread.perform {
            strays.sweep(running: marks, leaders: leaders)
        }
        isSweeping = false
        if isMoreLeft || isSweepAsked { sweepSoon() }
    }
}
