import ChildProcesses
import EventLoop
import ExecHandler
import FoundationEssentials
import Glibc
import JobControl
import JobQueue
import LinuxSystem
import Systemd

/// The daemon's life: take the lock, reach the broker, take back what a former self left, work, drain.
///
/// Everything runs in the tree of tasks below `run()`, on the event loop; only handlers do not.
final class Daemon: Sendable {
    /// Handled as events; to be blocked before any other thread exists.
    static let signals: [Int32] = [SIGTERM, SIGINT, SIGHUP]

    private let loop: EventLoop
    private let options: DaemonOptions
    private let source: Reloader.Source
    private let passed: PassedSockets
    private let handlers: HandlerRegistry
    /// Whether the program has handlers of a site's, which may start children by themselves.
    private let hasSiteHandlers: Bool
    private let log: LogWriter
    private let clock: LoopClock
    private let notifier = ServiceNotifier()
    private let stop = StopSwitch()
    private let reloadBell = Bell()
    private let retention: DeadRetention
    private let refused: RefusedSignals

    init(
        loop: EventLoop, handlers: HandlerRegistry, options: DaemonOptions,
        source: Reloader.Source, passed: PassedSockets, log: LogWriter
    ) {
        self.loop = loop
        self.options = options
        self.source = source
        self.passed = passed
        self.log = log
        clock = LoopClock(loop: loop)
        refused = RefusedSignals { process in
            log.write(
                LogRecord(
                    level: .warning,
                    message:
                        "a command (process \(process)) runs as another user by now and cannot "
                        + "be told to end: its slot is held until it ends by itself; kill it as "
                        + "root, or have it give up its rights"))
        }
        retention = DeadRetention(options.deadLimits(of:))
        hasSiteHandlers = !handlers.isEmpty
        self.handlers = Handlers.complete(
            handlers, isDemo: options.isDemo, clock: clock, loop: loop)
    }

    /// Runs until it is told to stop and has drained.
    func run() async -> ExitCode {
        do {
            let processes = try ChildProcesses(
                loop: loop, sweepingBy: "JOB_RUN", areAllOurs: !hasSiteHandlers, refused: refused)
            let signals = try await SignalWatch(
                loop: loop, stop: stop, reload: reloadBell, processes: processes, log: log)
            try await live(processes)
            await processes.killAll()
            await processes.sweepForGood()
            await signals.end()
            return .success
        } catch let failure as StartFailure {
            log.write(LogRecord(level: .error, message: failure.description))
            return failure.code
        } catch {
            log.write(LogRecord(level: .error, message: String(describing: error)))
            return .software
        }
    }

    private func live(_ processes: ChildProcesses) async throws {
        let environment = CommandEnvironment(
            account: await Self.account(), control: options.controlPath)
        let commands = Commands(
            processes: processes, environment: environment, loop: loop, clock: clock, log: log)
        let own = handlers
        let handlers = await commands.replace(by: options, in: own).handlers
        warnWithoutHandlers(options)
        let instance = try Instance(
            directory: options.runtimeDirectory, mark: processes.markPrefix, log: log)
        await killLeftovers(of: instance, processes)
        let monitor = BrokerMonitor(address: options.address, clock: clock, log: log)
        let broker = try await BrokerFactory(
            loop: loop, options: options, clock: clock, instance: instance, monitor: monitor
        ).make()
        let metrics = Metrics(
            types: handlers.types, queues: options.schedule.queues,
            version: ControlVersion.current)
        let recorder = EventRecorder(metrics: metrics, log: log)
        let worker = Worker(
            broker: broker, registry: handlers, options: workerOptions,
            suspects: SuspectProcess(
                processes: processes,
                environment: ProcessInfo.processInfo.environment, options: options),
            clock: clock, random: .kernel, recorder: recorder, log: log)
        let health = Health(
            worker: worker, monitor: monitor, clock: clock, lease: options.lease,
            refused: refused)
        let reloader = Reloader(
            source, bell: reloadBell, stop: stop, notifier: notifier, log: log
        ) { [log, self] new in
            let (handlers, notes) = await commands.replace(by: new, in: own)
            warnWithoutHandlers(new)
            metrics.know(handlers.types)
            worker.use(handlers, retry: new.retry)
            retention.use(new.deadLimits(of:))
            log.level = new.logLevel
            return notes
        }
        let endpoints = try await Endpoints(
            loop: loop, options: options, broker: broker, worker: worker, health: health,
            metrics: metrics, stop: stop,
            reload: { await reloader.reload(askedBy: "jobqueuectl") }, log: log, passed: passed)
        do {
            try await work(
                broker, worker, monitor, health, recorder, instance, endpoints, reloader)
            await commands.end()
            await endpoints.close()
        } catch {
            await commands.end()
            await endpoints.close()
            throw error
        }
    }

    /// A directory server may be slow: this is no work for the loop.
    private static func account() async -> UserDatabase.Account? {
        await Task(executorPreference: globalConcurrentExecutor) { UserDatabase.ownAccount() }.value
    }

    /// A daemon that is installed and has no handler yet would end every job that waits.
    private func warnWithoutHandlers(_ options: DaemonOptions) {
        guard !hasSiteHandlers, !self.options.isDemo, options.commands.isEmpty else { return }
        let fate =
            options.noHandler == .retry
            ? "every attempt fails" : "every job that is claimed is dead at once"
        log.write(
            LogRecord(
                level: .warning,
                message: "there are no handlers: \(fate); put a file into handlers.d (see "
                    + "jobqueued-handler(5)) and reload"))
    }

    /// From the first connection to the last. The connections end last, when all tasks are over.
    private func work(
        _ broker: any DaemonBroker, _ worker: Worker, _ monitor: BrokerMonitor, _ health: Health,
        _ recorder: EventRecorder, _ instance: Instance, _ endpoints: Endpoints,
        _ reloader: Reloader
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { await broker.run() }
            guard try await waitForBroker(monitor, endpoints) else { return }
            await recoverFormerSelf(instance, broker, recorder)

            let upkeep = Upkeep(
                broker: broker, queues: options.schedule.queues, clock: clock,
                recorder: recorder, log: log, troubles: worker.refusals, retention: retention)
            let reporter = ServiceReporter(
                notifier: notifier, health: health, broker: broker, worker: worker, stop: stop,
                clock: clock, log: log)
            group.addTask { await upkeep.run() }
            group.addTask { await reporter.run() }
            group.addTask { await self.drainWhenAsked(worker) }
            notifier.ready()
            group.addTask { await reloader.run() }
            log.write(
                LogRecord(
                    level: .notice, messageID: .daemonReady,
                    message: "ready: \(options.concurrency) slots, queues "
                        + options.schedule.queues.map(\.description).joined(separator: ", ")
                        + ", worker \(await broker.workerID)"))
            await worker.run()
            log.write(
                LogRecord(level: .notice, messageID: .daemonStopped, message: "stopped"))
        }
    }

    /// - Returns: `false` when the daemon was told to stop meanwhile.
    private func waitForBroker(
        _ monitor: BrokerMonitor, _ endpoints: Endpoints
    ) async throws -> Bool {
        let deadline = clock.now.advanced(by: options.brokerWait)
        var isServing = false
        while true {
            if !isServing, monitor.state != .connecting {
                try await endpoints.serveControl()
                isServing = true
            }
            switch monitor.state {
            case .up: return true
            case .unfit(let reason):
                throw StartFailure(
                    .refused, "cannot use \(options.address.name): \(reason)")
            case .connecting, .down: break
            }
            if stop.reason != nil { return false }
            let left = deadline.since(clock.now)
            guard left > .zero else {
                throw StartFailure(
                    .unavailable,
                    "gave up after \(options.brokerWait.brief): "
                        + (monitor.trouble ?? "no answer") + "; see --addr and --broker-wait")
            }
            notifier.status("waiting for \(options.address.name): \(monitor.trouble ?? "")")
            notifier.extendTimeout(Self.waitStep * 3)
            _ = await within(min(left, Self.waitStep), clock) { await monitor.bell.wait() }
        }
    }

    /// While waiting for the broker, the service manager hears of it this often.
    private static let waitStep = Duration.seconds(1)

    /// What its commands had started in sessions of their own when this instance was killed, and no service
    /// manager has killed. Their jobs run again: the same must not be done beside itself.
    private func killLeftovers(of instance: Instance, _ processes: ChildProcesses) async {
        let count = await processes.killLeft(by: instance.formerMarks)
        guard count > 0 else { return }
        log.write(
            LogRecord(
                level: .warning,
                message: "killed \(count) processes that commands of this instance had left behind "
                    + "when it was killed"))
    }

    /// What this instance held when it was killed is pending again before anything is claimed.
    private func recoverFormerSelf(
        _ instance: Instance, _ broker: any DaemonBroker, _ recorder: EventRecorder
    ) async {
        guard let former = instance.formerWorker else { return }
        do {
            for recovery in try await broker.recoverFormerSelf(former) {
                recorder.recovered(recovery)
            }
        } catch {
            log.write(
                LogRecord(
                    level: .warning,
                    message: "cannot take back what this instance held before: \(error); it is "
                        + "recovered when its lease ends"))
        }
    }

    private func drainWhenAsked(_ worker: Worker) async {
        while stop.reason == nil, !Task.isCancelled { await stop.bell.wait() }
        guard let reason = stop.reason else { return }
        notifier.stopping()
        let running = worker.workbench.occupancy.busy
        log.write(
            LogRecord(
                level: .notice, messageID: .daemonDraining,
                message: "draining (\(reason)): claims nothing more, \(running) jobs have "
                    + "\(options.drainTimeout.brief) to finish"))
        worker.drain()
        await DrainReport(
            notifier: notifier, worker: worker, clock: clock, drainTimeout: options.drainTimeout,
            killGrace: options.killGrace
        ).run()
    }
}

extension Daemon {
    private var workerOptions: WorkerOptions {
        var worker = WorkerOptions(
            slots: options.concurrency, schedule: options.schedule, retry: options.retry)
        worker.queueLimits = options.queueConcurrency
        worker.drainTimeout = options.drainTimeout
        // A command is killed when its grace is over. Until that has come to something its job is not
        // given up, so that it does not run twice at the same time.
        // There may be commands after any reload.
        worker.killGrace = options.killGrace + .seconds(1)
        worker.lease = options.lease
        return worker
    }
}
