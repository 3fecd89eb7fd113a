import CLinux
import CSystemd
import Glibc
import Synchronization

/// One thread that waits for everything: descriptors, timers, signals, and Swift's own jobs.
///
/// Wraps `sd-event`. It is a serial executor, so that the actors that own I/O can live on it, and a
/// task executor, so that a whole tree of tasks can be told to run on it
/// (`withTaskExecutorPreference`): nothing there depends on Swift's shared pool, which handlers of
/// jobs may block.
///
/// `@unchecked Sendable`: `event`, `running` and `endOfTick` are touched on the loop's thread alone
/// (checked by `preconditionIsolated`), all else is behind `shared`.
package final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    /// What other threads may touch.
    private struct Shared {
        var jobs: [UnownedJob] = []
        /// The loop is about to wait: who adds a job must wake it.
        var waits = false
        var stops = false
        var thread: pthread_t?
        var discarded: [DiscardedSource] = []

        var isOnLoop: Bool { thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
        var mayBeTouched: Bool { thread == nil || isOnLoop }
    }

    let event: OpaquePointer
    private let wakeDescriptor: Int32
    private let shared = Mutex(Shared())
    private var running: [UnownedJob] = []
    private var endOfTick: [() -> Void] = []

    /// Makes a loop that does not turn yet; see `start()`.
    package init() throws(EventLoopError) {
        var event: OpaquePointer?
        let code = sd_event_new(&event)
        guard code >= 0, let event else { throw .create(errno: -code) }
        self.event = event
        wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wakeDescriptor >= 0 else { throw .create(errno: errno) }
        running.reserveCapacity(256)
        let added = sd_event_add_io(
            event, nil, wakeDescriptor, UInt32(EPOLLIN.rawValue),
            { _, descriptor, _, _ in
                var count: UInt64 = 0
                read(descriptor, &count, MemoryLayout<UInt64>.size)
                return 0
            }, nil)
        guard added >= 0 else { throw .create(errno: -added) }
    }

    deinit {
        for source in shared.withLock({ $0.discarded }) { source.free() }
        sd_event_unref(event)
        close(wakeDescriptor)
    }

    // MARK: - Life

    /// Starts the loop's thread. It turns until `stop()`, and keeps the loop alive until then.
    package func start() throws(EventLoopError) {
        let retained = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let loop = Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue()
                clinux_name_thread("event-loop")
                loop.run()
                return nil
            }, retained.toOpaque())
        guard code == 0 else {
            retained.release()
            throw .start(errno: code)
        }
        pthread_detach(thread)
    }

    /// Turns on the calling thread until `stop()`.
    package func run() {
        shared.withLock { $0.thread = pthread_self() }
        while turn() {}
        shared.withLock { $0.thread = nil }
    }

    /// Ends `run()` after the present turn. Jobs that come later are not run.
    package func stop() {
        shared.withLock { $0.stops = true }
        wake()
    }

    /// One turn: the jobs that are there and those that they bring, what was put off to the end of the
    /// tick, then one event.
    private func turn() -> Bool {
        let (stops, discarded) = shared.withLock { shared in
            defer { if !shared.discarded.isEmpty { shared.discarded = [] } }
            return (shared.stops, shared.discarded)
        }
        for source in discarded { source.free() }
        runJobs()
        while !endOfTick.isEmpty {
            let actions = endOfTick
            endOfTick.removeAll(keepingCapacity: true)
            for action in actions { action() }
        }
        if stops { return false }
        dispatchOneEvent()
        return true
    }

    /// Runs jobs until none is left, because a look for events costs more than most of them; but events
    /// do not wait for more jobs than `jobsInTurn`, and one round.
    private func runJobs() {
        let isolated = asUnownedSerialExecutor()
        let preferred = asUnownedTaskExecutor()
        var count = 0
        while count < Self.jobsInTurn {
            shared.withLock { swap(&$0.jobs, &running) }
            if running.isEmpty { break }
            for job in running {
                job.runSynchronously(isolatedTo: isolated, taskExecutor: preferred)
            }
            count += running.count
            running.removeAll(keepingCapacity: true)
        }
    }

    private static let jobsInTurn = 256

    /// Waits for an event, unless there are jobs to run, and calls its handler. Three steps where
    /// `sd_event_run` takes one, so that a job added by the handler need not wake the loop.
    private func dispatchOneEvent() {
        var code = sd_event_prepare(event)
        if code == 0 {
            let mayWait = shared.withLock { shared in
                shared.waits =
                    shared.jobs.isEmpty && shared.discarded.isEmpty && !shared.stops
                return shared.waits
            }
            code = sd_event_wait(event, mayWait ? UInt64.max : 0)
            shared.withLock { $0.waits = false }
        }
        if code > 0 { code = sd_event_dispatch(event) }
        if code < 0 { bear(-code) }
    }

    /// The system had no memory or no descriptor for the look. The next turn looks again.
    private func bear(_ code: Int32) {
        switch code {
        case ENOMEM, ENOBUFS, EMFILE, ENFILE, EAGAIN, EINTR: usleep(10_000)
        default: preconditionFailure("the event loop failed: \(EventLoopError.reason(code))")
        }
    }

    /// Runs `action` on the loop's thread when the jobs at hand are done, before the loop waits
    /// again. Writers use it to send what a whole tick has gathered with one system call.
    ///
    /// Call it on the loop.
    package func atEndOfTick(_ action: @escaping () -> Void) {
        preconditionIsolated()
        endOfTick.append(action)
    }

    // MARK: - Sources

    /// Frees a source whose owner goes away: at once on the loop's thread, else as soon as the loop
    /// gets to it. The last reference to an actor may go on any thread, and its sources with it,
    /// while sd-event may be touched on one thread only.
    func discard(_ source: DiscardedSource) {
        let (mayFree, mustWake) = shared.withLock { shared in
            if shared.mayBeTouched { return (true, false) }
            shared.discarded.append(source)
            defer { shared.waits = false }
            return (false, shared.waits)
        }
        if mayFree { source.free() }
        if mustWake { wake() }
    }

    /// Whether the caller may use sd-event: on the loop's thread, or when the loop does not turn.
    var mayBeTouched: Bool { shared.withLock { $0.mayBeTouched } }

    // MARK: - Executor

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustWake = shared.withLock { shared in
            shared.jobs.append(job)
            defer { shared.waits = false }
            return shared.waits
        }
        if mustWake { wake() }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    package func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        UnownedTaskExecutor(ordinary: self)
    }

    package func isIsolatingCurrentContext() -> Bool? { isOnLoop }

    package func checkIsolated() {
        precondition(isOnLoop, "must be called on the event loop")
    }

    /// Whether the caller is on the loop's thread.
    package var isOnLoop: Bool { shared.withLock { $0.isOnLoop } }

    private func wake() {
        var one: UInt64 = 1
        write(wakeDescriptor, &one, MemoryLayout<UInt64>.size)
    }
}
