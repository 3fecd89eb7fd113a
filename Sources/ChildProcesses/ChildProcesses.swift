import EventLoop
import LinuxSystem

/// Runs programs as children of this process, each in a session of its own, and sees to it that
/// nothing is left of them: no process, no zombie, no descriptor.
///
/// There should be one for as long as the process lives: its thread is the one that children die with.
package actor ChildProcesses {
    private let loop: EventLoop
    private let thread: ProcessThread
    private var running: [ObjectIdentifier: RunningChild] = [:]
    private var isOver = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The executor lives as long as `loop`, which this actor owns.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// Starts the thread that starts children. From now on SIGPIPE is ignored in this process, and
    /// SIGCHLD has its default action.
    package init(loop: EventLoop) throws {
        self.loop = loop
        thread = try ProcessThread()
        ProcessSignals.ignoreBrokenPipes()
        ProcessSignals.keepEndedChildren()
    }

    /// Runs a program until it has ended, which it may do in any way: see the result.
    ///
    /// What it leaves running in its group, or holding its outputs in its session, is killed when it
    /// ends. When the task is cancelled all of its session is asked to end (SIGTERM) and, after
    /// the command's grace, killed; only then this returns, with what it came to.
    package func run(_ command: ChildCommand) async throws(ChildProcessError) -> ChildResult {
        guard !isOver, !Task.isCancelled else { throw .cancelled }
        let child = RunningChild(command, loop: loop, thread: thread)
        running[ObjectIdentifier(child)] = child
        defer { running[ObjectIdentifier(child)] = nil }
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
