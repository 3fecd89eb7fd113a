import ChildProcesses
import EventLoop
import JobQueue

/// Runs jobs by long-lived children of a command, of which there are as many as are busy at once, up to a
/// limit. When all are busy a job waits for one, first come, first served. Lives on the loop.
package actor PersistentCommand {
    private struct Waiter {
        let number: Int
        let since: MonotonicTime
        let continuation: CheckedContinuation<PersistentChild, any Error>
    }

    private let definition: CommandDefinition
    private let processes: ChildProcesses
    private let known: KnownHandlers
    private let environment: CommandEnvironment
    private let limit: Int
    private let grace: Duration
    private let loop: EventLoop
    private let clock: any JobClock
    private let log: Logger

    private var children: [ObjectIdentifier: PersistentChild] = [:]
    /// Those without a job; the one that had one last is the next to have one.
    private var idle: [PersistentChild] = []
    private var waiters: [Waiter] = []
    private var waiterCount = 0
    private var isOver = false
    /// A child ends after the job that it has.
    private var isRetired = false
    private var pace = StartPace()
    private var paceTimer: TimerSource?
    private var waitTimer: TimerSource?

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The executor lives as long as `loop`, which this actor owns.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// - Parameters:
    ///   - known: Decides what follows when the command is missing.
    ///   - slots: The limit, where the definition names none.
    ///   - grace: How long a child may take to end when it is told to.
    package init(
        _ definition: CommandDefinition, processes: ChildProcesses, known: KnownHandlers,
        environment: CommandEnvironment = CommandEnvironment(), slots: Int, grace: Duration,
        loop: EventLoop, clock: any JobClock, log: any LogSink
    ) {
        self.definition = definition
        self.processes = processes
        self.known = known
        self.environment = environment
        limit = definition.concurrency ?? slots
        self.grace = grace
        self.loop = loop
        self.clock = clock
        self.log = Logger(sink: log)
    }

    /// Has a child run the job. Throws what its answer, or its end, means; `PutOff` where no child was to
    /// be had soon.
    package func run(_ job: Job, _ context: JobContext) async throws {
        while true {
            let child = try await takeChild()
            // Until here it has only waited.
            context.begins(at: clock.now)
            let deadline = CommandEnvironment.deadline(of: context, clock)
            do {
                try await child.run(job, context, deadline: deadline)
                return giveBack(child)
            } catch is PersistentChild.NotReached {
                // It was gone before it could know of the job.
                giveBack(child)
            } catch {
                giveBack(child)
                throw error
            }
        }
    }

    /// Its file says something else now, or is gone. What jobs there are still run; no child waits for
    /// more. Nobody is kept waiting for those that leave: `end()` sees to the last of them.
    package func retire() {
        isRetired = true
        for child in idle { child.assumeIsolated { $0.leave() } }
        idle = []
    }

    /// Ends all children: their input first, and those that do not end then by signals.
    package func end() async {
        isOver = true
        for waiter in waiters { waiter.continuation.resume(throwing: CancellationError()) }
        waiters = []
        paceTimer = nil
        waitTimer = nil
        await withTaskGroup { group in
            for child in children.values { group.addTask { await child.end() } }
        }
    }
}

// MARK: - Who gets which child

extension PersistentCommand {
    private func takeChild() async throws -> PersistentChild {
        waiterCount += 1
        let number = waiterCount
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if isOver || Task.isCancelled {
                    return continuation.resume(throwing: CancellationError())
                }
                waiters.append(
                    Waiter(number: number, since: clock.now, continuation: continuation))
                serve()
                if waitTimer == nil { watchWaiters() }
            }
        } onCancel: {
            // Nobody waits for this task: the call above returns with it.
            Task(executorPreference: loop) { await self.dismiss(number) }
        }
    }

    private func dismiss(_ number: Int) {
        guard let index = waiters.firstIndex(where: { $0.number == number }) else { return }
        waiters.remove(at: index).continuation.resume(throwing: CancellationError())
    }

    private func giveBack(_ child: PersistentChild) {
        if child.assumeIsolated({ $0.isFree }), children[ObjectIdentifier(child)] != nil {
            if isRetired, waiters.isEmpty {
                child.assumeIsolated { $0.leave() }
            } else {
                idle.append(child)
            }
        }
        serve()
    }

    /// Gives whoever waits a child, as long as there are any or may be more.
    private func serve() {
        while !waiters.isEmpty, !isOver {
            if let child = idle.popLast() {
                // It may have ended meanwhile.
                guard child.assumeIsolated({ $0.isFree }) else { continue }
                waiters.removeFirst().continuation.resume(returning: child)
                continue
            }
            guard children.count < limit else { return }
            let wait = pace.wait(at: clock.now)
            guard wait <= .zero else {
                // Without a child that could be free before, all that they do is wait.
                if children.isEmpty, wait > Self.longestWait {
                    return dismissAll(
                        "the last processes of \(definition.name) ended at once", wait)
                }
                return serve(after: wait)
            }
            waiters.removeFirst().continuation.resume(returning: startChild())
        }
    }

    private func serve(after wait: Duration) {
        do {
            paceTimer = try TimerSource(loop: loop) { [weak self] in
                self?.assumeIsolated { $0.serve() }
            }
            try paceTimer?.set(after: wait)
        } catch {
            // Without a timer (out of memory) the next job is another occasion.
            log.error("\(definition.name): cannot wait: \(error)")
        }
    }

    /// Lets go what has waited for too long: it costs its job no attempt, and others may run it.
    private func watchWaiters() {
        waitTimer = nil
        let now = clock.now
        while let first = waiters.first, now.since(first.since) >= Self.longestWait {
            waiters.removeFirst().continuation.resume(
                throwing: PutOff(
                    Self.longestWait,
                    "no process of \(definition.name) was free within \(Self.longestWait.brief)"))
        }
        guard let first = waiters.first else { return }
        do {
            waitTimer = try TimerSource(loop: loop) { [weak self] in
                self?.assumeIsolated { $0.watchWaiters() }
            }
            try waitTimer?.set(after: Self.longestWait - now.since(first.since))
        } catch {
            // Without a timer (out of memory) nobody waits.
            dismissAll("cannot wait: \(error)", Self.longestWait)
        }
    }

    private func dismissAll(_ reason: String, _ rest: Duration) {
        for waiter in waiters {
            waiter.continuation.resume(throwing: PutOff(rest, reason))
        }
        waiters = []
    }

    /// No job waits longer for a process.
    private static let longestWait = Duration.milliseconds(500)

    private func startChild() -> PersistentChild {
        let child = PersistentChild(
            definition, processes: processes, known: known, environment: environment, grace: grace,
            loop: loop, log: log)
        let id = ObjectIdentifier(child)
        children[id] = child
        let started = clock.now
        child.assumeIsolated { child in
            child.start { [weak self] life in
                self?.assumeIsolated { $0.noteEnd(of: id, started: started, life) }
            }
        }
        return child
    }

    private func noteEnd(
        of id: ObjectIdentifier, started: MonotonicTime, _ life: PersistentChild.Life
    ) {
        children[id] = nil
        idle.removeAll { ObjectIdentifier($0) == id }
        let now = clock.now
        // What cannot be started at all costs each job an attempt or its life, and no time.
        if life.error?.isLasting != true {
            pace.note(wasOfUse: life.hasAnswered, lasted: now.since(started), at: now)
        }
        serve()
    }
}

/// How soon a child may be started after others that ended at once.
struct StartPace {
    private var failures = 0
    private var notBefore = MonotonicTime(nanoseconds: 0)

    /// How long the next start has to wait.
    func wait(at now: MonotonicTime) -> Duration { notBefore.since(now) }

    /// A child has ended.
    mutating func note(wasOfUse: Bool, lasted: Duration, at now: MonotonicTime) {
        guard !wasOfUse, lasted < Self.soon else {
            failures = 0
            return
        }
        let wait = min(Self.first * (1 << min(failures, 10)), Self.longest)
        failures += 1
        notBefore = now.advanced(by: wait)
    }

    private static let soon = Duration.seconds(1)
    private static let first = Duration.milliseconds(100)
    private static let longest = Duration.seconds(10)
}
