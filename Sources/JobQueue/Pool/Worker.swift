import Synchronization

/// The heart of the daemon: claims jobs while it has free slots, runs them, writes what follows, and
/// keeps its lease. It ends by a drain, in two contexts: the claim context ends at once, the job
/// context when the running jobs are done or their time is over.
///
/// Its loops are structured tasks of `run()`. The daemon runs it with the event loop as preferred
/// executor, so that no loop depends on the pool of threads that handlers use.
package final class Worker: Sendable {
    package let options: WorkerOptions
    package let workbench: Workbench
    /// What the broker refuses, apart from what is said of each queue.
    package let refusals = Troubles()
    let broker: any WorkerBroker
    let reader: Mutex<ClaimReader>
    let runner: AttemptRunner
    let clock: any JobClock
    private let random: RandomSource
    let recorder: any JobEventRecorder
    let log: any LogSink
    let progress: Mutex<WorkerProgress>
    private let drainBell = Bell()
    private let isSigningOff = Mutex(false)
    let troubles = Mutex(QueueTroubles())

    package init(
        broker: any WorkerBroker, registry: HandlerRegistry, options: WorkerOptions,
        suspects: (any SuspectRunner)? = nil, clock: any JobClock, random: RandomSource,
        recorder: any JobEventRecorder, log: any LogSink
    ) {
        self.broker = broker
        self.options = options
        self.clock = clock
        self.random = random
        self.recorder = recorder
        self.log = log
        workbench = Workbench(options: options)
        reader = Mutex(ClaimReader(registry: registry, options: options, suspects: suspects))
        runner = AttemptRunner(
            workbench: workbench, clock: clock, log: log, random: random,
            executor: options.executor)
        progress = Mutex(WorkerProgress(lastHeartbeat: clock.now))
    }

    /// Works until it is drained or the task is cancelled (which leaves running jobs to be recovered).
    package func run() async {
        await withTaskGroup { jobContext in
            jobContext.addTask { await self.writeLoop() }
            jobContext.addTask { await self.gatherLoop() }
            jobContext.addTask { await self.stuckLoop() }
            jobContext.addTask { await self.deadlineLoop() }
            jobContext.addTask { await self.heartbeatLoop() }
            await withTaskGroup { claimContext in
                claimContext.addTask { await self.claimLoop() }
                claimContext.addTask { await self.asideLoop() }
                for index in options.schedule.entries.indices {
                    claimContext.addTask { await self.watchLoop(queueAt: index) }
                }
                await drainBell.wait()
                claimContext.cancelAll()
                // An answer that is on its way is still awaited, while the time of the drain runs.
                await finishJobs()
            }
            jobContext.cancelAll()
        }
    }

    /// Claims nothing more from now on, not even what was about to be claimed; `run()` returns when the
    /// running jobs are dealt with.
    package func drain() {
        workbench.endClaiming()
        drainBell.ring()
    }

    /// Has jobs that are claimed from now on run by these handlers, with this policy where neither the
    /// job nor its handler has one.
    package func use(_ registry: HandlerRegistry, retry: RetryPolicy) {
        reader.withLock { reader in
            var options = reader.options
            options.retry = retry
            reader = ClaimReader(
                registry: registry, options: options, suspects: reader.suspects)
        }
        workbench.setLimits { registry.entry(for: $0)?.limit }
    }

    /// What the loops are at, for the watchdog and for `/healthz`.
    package var currentProgress: WorkerProgress { progress.withLock { $0 } }

    /// Queues that cannot be worked on, and why.
    package var currentTroubles: [QueueName: String] { troubles.withLock { $0.all } }

    // MARK: - The claim context

    private func claimLoop() async {
        while !Task.isCancelled {
            guard let order = workbench.nextClaim(share: random.share, now: clock.now) else {
                await workbench.claimBell.wait()
                continue
            }
            await claim(order)
        }
    }

    private func claim(_ order: Workbench.ClaimOrder) async {
        defer { workbench.claimIsOver(order) }
        let queue = options.schedule.entries[order.queueIndex].queue
        do {
            progress.withLock { $0.claimingSince = clock.now }
            defer { progress.withLock { $0.claimingSince = nil } }
            let reply = try await broker.claim(order.count, from: queue, order.source)
            let isInVain = !take(reply.claims[...], of: order) && !reply.claims.isEmpty
            workbench.note(order, rest: reply.rest, isInVain: isInVain)
            clearTrouble(order, queue)
        } catch is CancellationError {
            return
        } catch BrokerError.leaseLost(let worker, let queue) {
            await loseLease(of: worker, in: queue)
        } catch {
            noteTrouble(error, order, queue)
            workbench.note(order, rest: nil, isInVain: false)
        }
    }

    /// Starts what can run, and ends what cannot, a part at a time: the first run while the others are read.
    ///
    /// - Returns: Whether any runs or ends.
    func take(_ claims: ArraySlice<Claim>, of order: Workbench.ClaimOrder) -> Bool {
        guard !claims.isEmpty else { return false }
        #if FAILPOINTS
            FailPoint.dieAfterClaim.hit()
        #endif
        let reader = reader.withLock { $0 }
        let now = clock.unixMilliseconds
        var isOfUse = false
        workbench.beginBatch()
        defer { workbench.endBatch() }
        for first in stride(from: claims.startIndex, to: claims.endIndex, by: Self.countReadAtOnce)
        {
            let few = claims[first..<min(first + Self.countReadAtOnce, claims.endIndex)]
            let (attempts, dead) = reader.read(few, unixMilliseconds: now)
            if runner.start(attempts, of: order) || !dead.isEmpty { isOfUse = true }
            workbench.add(dead)
        }
        return isOfUse
    }

    /// Each time wakes a thread, if none is up: fewer would cost more than what they win by an early start.
    private static let countReadAtOnce = 48

    static let troublePause = Duration.seconds(1)
    private static let keepingLease = "keep the lease"

    /// Logs a trouble once, not each time it is met again.
    func note(_ error: any Error, _ action: QueueTroubles.Action, _ queue: QueueName) {
        let reason = String(describing: error)
        guard troubles.withLock({ $0.note(reason, action, queue) }) else { return }
        log.write(
            LogRecord(
                level: .error,
                message: "cannot \(action.rawValue) queue \(queue): \(reason); "
                    + "trying again every second"))
    }

    // MARK: - The job context

    /// Waits for the running jobs, then stops them, then lets them go; last the broker is told.
    private func finishJobs() async {
        if await !waitUntilIdle(within: options.drainTimeout) {
            workbench.stop()
            if await !waitUntilIdle(within: options.killGrace) {
                workbench.add(
                    workbench.giveUpAll().compactMap {
                        runner.resolve(
                            $0, .released(reason: "its handler did not stop in time"), run: nil)
                    })
            }
        }
        let broker = broker
        let signedOff = await within(
            options.signOffLimit, clock, giveUp: { await broker.abandon() }
        ) {
            while !Task.isCancelled, !self.workbench.isSettled {
                await self.workbench.idleBell.wait()
            }
            guard !Task.isCancelled else { return false }
            self.isSigningOff.withLock { $0 = true }
            do {
                try await self.broker.retire()
                return true
            } catch {
                return false
            }
        }
        if signedOff != true {
            log.write(
                LogRecord(
                    level: .warning,
                    message: "stopped without signing off: the broker did not answer in time; "
                        + "what was not written is recovered when the lease ends"))
            // It may also have refused, and what else awaits an answer must not hold up the end.
            await broker.abandon()
        }
    }

    private func waitUntilIdle(within limit: Duration) async -> Bool {
        await within(limit, clock) {
            while !Task.isCancelled, !self.workbench.isIdle {
                await self.workbench.idleBell.wait()
            }
            return self.workbench.isIdle
        } ?? false
    }

    // MARK: - Time

    private func deadlineLoop() async {
        while !Task.isCancelled {
            let look = workbench.enforceDeadlines(now: clock.now)
            workbench.add(
                look.givenUp.compactMap {
                    runner.resolve(
                        $0, .failed(reason: Workbench.Interruption.timeoutReason($0)),
                        run: $0.timeout)
                } + look.notBegun)
            guard let next = look.next else {
                await workbench.deadlineBell.wait()
                continue
            }
            _ = await within(next.since(clock.now), clock) {
                await self.workbench.deadlineBell.wait()
            }
        }
    }

    private func heartbeatLoop() async {
        // Who signs off has no lease to keep, and hears of none that is lost.
        while !Task.isCancelled, !isSigningOff.withLock({ $0 }) {
            do {
                try await broker.heartbeat()
                refusals.clear(Self.keepingLease)
                progress.withLock { $0.lastHeartbeat = clock.now }
                try await clock.sleep(for: options.lease / 5)
            } catch is CancellationError {
                return
            } catch BrokerError.leaseLost(let worker, let queue) {
                await loseLease(of: worker, in: queue)
            } catch {
                // It was answered: whatever the answer, nothing is stuck.
                progress.withLock { $0.lastHeartbeat = clock.now }
                if refusals.note(String(describing: error), Self.keepingLease) {
                    log.write(
                        LogRecord(
                            level: .warning,
                            message: "a heartbeat failed: \(error); trying again"))
                }
                // Cancellation ends the wait, and with it the loop.
                try? await clock.sleep(for: min(options.lease / 10, .seconds(1)))
            }
        }
    }

    /// What ran from the lost queue is others' now; the rest is given back under the old identity.
    private func loseLease(of worker: String, in queue: String) async {
        guard !isSigningOff.withLock({ $0 }), await broker.renewIdentity(after: worker) else {
            return
        }
        log.write(
            LogRecord(
                level: .warning, messageID: .leaseLost,
                message: "\(BrokerError.leaseLost(worker: worker, queue: queue)); "
                    + "its running jobs are cancelled, and it goes on under a new identity"))
        let reason = "the worker lost its lease in queue \(queue)"
        workbench.interrupt { attempt in
            guard attempt.token.worker.description == worker else { return nil }
            return attempt.token.queue.description == queue
                ? .leaseLost : .released(reason: reason)
        }
    }
}

/// What a worker's loops are at.
package struct WorkerProgress: Sendable {
    /// When one was last answered, and be it refused: who hears that is not stuck.
    package var lastHeartbeat: MonotonicTime
    /// Since when a claim, or a write of outcomes, awaits its answer.
    package var claimingSince: MonotonicTime?
    package var writingSince: MonotonicTime?
}
