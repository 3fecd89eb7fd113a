import ChildProcesses
import EventLoop
import ExecHandler
import FoundationEssentials
import Glibc
import JobControl
import JobQueue
import LinuxSystem
import RedisBroker
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
    private let plan: DescriptorPlan
    private let threads: ThreadPool
    private let handlers: HandlerSource
    private let log: LogWriter
    private let clock: LoopClock
    private let start: MonotonicTime
    private let notifier = ServiceNotifier()
    private let stop = StopSwitch()
    private let reloadBell = Bell()
    private let retention: DeadRetention
    private let refused: RefusedSignals

    init(
        loop: EventLoop, handlers: HandlerSource, options: DaemonOptions,
        source: Reloader.Source, passed: PassedSockets, plan: DescriptorPlan, threads: ThreadPool,
        log: LogWriter
    ) {
        self.plan = plan
        self.threads = threads
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
        self.handlers = handlers
        start = clock.now
    }

    /// Runs until it is told to stop and has drained.
    func run() async -> ExitCode {
        do {
            let processes = try ChildProcesses(
                loop: loop, sweepingBy: "JOB_RUN", areAllOurs: !handlers.areOfSite,
                atMost: plan.commands, refused: refused)
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
        guard let made = try await makeHandlers() else { return }
        let own = Handlers.complete(made, isDemo: options.isDemo, clock: clock, loop: loop)
        let environment = CommandEnvironment(
            account: await Self.account(), control: options.controlPath)
        let commands = Commands(
            processes: processes, environment: environment, loop: loop, clock: clock, log: log)
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
            types: handlers.types, families: handlers.patterns, queues: options.schedule.queues,
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
            source, bell: reloadBell, stop: stop, notifier: notifier, log: log,
            state: metrics.configuration
        ) { [log, self] new in
            let (handlers, notes) = await commands.replace(by: new, in: own)
            warnWithoutHandlers(new)
            metrics.know(handlers.types, families: handlers.patterns)
            worker.use(handlers, retry: new.retry)
            retention.use(new.deadLimits(of:))
            log.level = new.logLevel
            return notes
        }
        let endpoints = try await Endpoints(
            loop: loop, options: options, broker: broker, worker: worker, health: health,
            metrics: metrics, stop: stop,
            reloader: reloader, log: log, passed: passed, plan: plan)
        do {
            try await work(
                broker, worker, monitor, health, recorder, instance, endpoints, reloader)
            await leave(commands, own, endpoints)
        } catch {
            await leave(commands, own, endpoints)
            throw error
        }
        log.write(LogRecord(level: .notice, messageID: .daemonStopped, message: "stopped"))
    }

    /// The site's own set-up, which may take as long as it wants.
    ///
    /// - Returns: `nil` when the daemon was told to stop meanwhile.
    private func makeHandlers() async throws -> HandlerRegistry? {
        let making = handlers.start()
        while making.result == nil, stop.reason == nil {
            notifier.status("waiting for the set-up of the handlers")
            notifier.extendTimeout(Self.waitStep * 3)
            _ = await within(Self.waitStep, clock) { await making.bell.wait() }
        }
        switch making.result {
        case nil:
            making.cancel()
            return nil
        case .success(let handlers)?: return handlers
        case .failure(let error)?:
            await outlastStartLimit()
            throw StartFailure(.unavailable, "cannot set up the handlers: \(error)")
        }
    }

    /// A service manager counts starts: what passes by itself must not use them up.
    private func outlastStartLimit() async {
        guard notifier.isActive else { return }
        while stop.reason == nil, clock.now.since(start) < Self.shortestFailingStart {
            notifier.extendTimeout(Self.waitStep * 3)
            // Cancellation ends the wait.
            guard (try? await clock.sleep(for: Self.waitStep)) != nil else { return }
        }
    }

    /// Ten of these, with the unit's `RestartSec=` between, take longer than its `StartLimitIntervalSec=`.
    static let shortestFailingStart = Duration.seconds(7)

    /// All that is left to do when no job runs any more.
    private func leave(
        _ commands: Commands, _ handlers: HandlerRegistry, _ endpoints: Endpoints
    ) async {
        // Standard input is closed, a second later comes SIGTERM, and after the grace SIGKILL.
        let report = StepReport(
            notifier: notifier, clock: clock, limit: options.killGrace + .seconds(6))
        await report.during {
            let ending = await commands.ending
            return ending == 0
                ? nil : "draining: ends \(ReadableNumber.text(ending, "command"))"
        } _: {
            await commands.end()
        }
        if !handlers.shutdownHooks.isEmpty { await shutDown(handlers) }
        await endpoints.close()
    }

    /// What the site's own code has to close.
    private func shutDown(_ handlers: HandlerRegistry) async {
        let grace = options.killGrace
        let report = StepReport(notifier: notifier, clock: clock, limit: grace + .seconds(1))
        await report.during {
            "draining: shuts the handlers down"
        } _: {
            let bell = handlers.startShutdown()
            let isOver: Void? = await within(grace, clock) { await bell.wait() }
            guard isOver == nil else { return }
            log.write(
                LogRecord(
                    level: .warning,
                    message: "the shutdown of the handlers has not ended within KillGrace="
                        + "\(grace.brief): it is given up"))
        }
    }

    /// A directory server may be slow: this is no work for the loop.
    private static func account() async -> UserDatabase.Account? {
        // Without a thread it is not known, as where there is no such user.
        (try? await BackgroundThread.perform(named: "account") { UserDatabase.ownAccount() }) ?? nil
    }

    /// A daemon that is installed and has no handler yet would end every job that waits.
    private func warnWithoutHandlers(_ options: DaemonOptions) {
        guard !handlers.areOfSite, !self.options.isDemo, options.commands.isEmpty else { return }
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
                notifier: notifier, health: health, broker: broker, worker: worker,
                configuration: reloader.state, stop: stop, clock: clock, log: log)
            group.addTask { await upkeep.run() }
            group.addTask { await reporter.run() }
            if let redis = broker as? RedisBroker {
                let unknown = UnknownQueues(
                    source: redis, namespace: options.namespace, clock: clock, log: log)
                group.addTask { await unknown.run() }
            }
            group.addTask { await self.drainWhenAsked(worker) }
            let places = PlaceWatch(
                instance: instance, endpoints: endpoints, clock: clock, log: log)
            group.addTask { await places.run() }
            notifier.ready()
            group.addTask { await reloader.run() }
            log.write(
                LogRecord(
                    level: .notice, messageID: .daemonReady,
                    message: "ready: \(options.concurrency) slots, queues "
                        + options.schedule.queues.map(\.description).joined(separator: ", ")
                        + ", worker \(await broker.workerID)"))
            await worker.run()
        }
    }

    /// - Returns: `false` when the daemon was told to stop meanwhile.
    private func waitForBroker(
        _ monitor: BrokerMonitor, _ endpoints: Endpoints
    ) async throws -> Bool {
        let wait =
            notifier.isActive
            ? max(options.brokerWait, Self.shortestFailingStart) : options.brokerWait
        let deadline = clock.now.advanced(by: wait)
        var isServing = false
        while true {
            if !isServing, monitor.state != .connecting {
                try await endpoints.serveControl()
                isServing = true
            }
            switch monitor.state {
            case .up: return true
            case .unfit(let reason, passes: false):
                throw StartFailure(
                    .refused, "cannot use \(options.address.name): \(reason)")
            case .connecting, .down, .unfit(_, passes: true): break
            }
            if stop.reason != nil { return false }
            let left = deadline.since(clock.now)
            guard left > .zero else {
                throw StartFailure(
                    .unavailable,
                    "gave up after \(wait.brief): "
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
                message: "draining (\(reason)): claims nothing more, "
                    + "\(ReadableNumber.text(running, "job")) \(running == 1 ? "has" : "have") "
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
        worker.executor = threads
        return worker
    }
}
