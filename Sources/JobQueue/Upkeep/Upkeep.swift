/// What every daemon does for all of them, with no leader: due jobs are brought forward, what lost
/// workers held is taken back, and dead letters beyond the queue's limits are dropped.
package struct Upkeep: Sendable {
    package let broker: any UpkeepBroker
    package let queues: [QueueName]
    package let clock: any JobClock
    package let recorder: any JobEventRecorder
    package let log: any LogSink
    package let troubles: Troubles
    package let retention: DeadRetention

    package init(
        broker: any UpkeepBroker, queues: [QueueName], clock: any JobClock,
        recorder: any JobEventRecorder, log: any LogSink, troubles: Troubles = Troubles(),
        retention: DeadRetention = DeadRetention()
    ) {
        self.broker = broker
        self.queues = queues
        self.clock = clock
        self.recorder = recorder
        self.log = log
        self.troubles = troubles
        self.retention = retention
    }

    /// Runs until the task is cancelled.
    package func run() async {
        await withTaskGroup { group in
            for queue in queues {
                group.addTask {
                    await repeatedly("bring due jobs of queue \(queue) forward") {
                        try await promote(queue)
                    }
                }
                group.addTask {
                    await repeatedly("look for lost workers of queue \(queue)") {
                        try await recover(queue)
                    }
                }
            }
            group.addTask { await trimRepeatedly() }
        }
    }

    /// - Returns: how long until it is worth doing again.
    private func promote(_ queue: QueueName) async throws -> Duration {
        try await broker.promoteDue(in: queue).nextDue ?? Self.longestPause
    }

    private func recover(_ queue: QueueName) async throws -> Duration {
        let round = try await broker.recover(in: queue)
        for recovery in round.recoveries { recorder.recovered(recovery) }
        if let failure = round.failure { throw failure }
        return max(round.nextLook ?? Self.longestPause, Self.shortestLook)
    }

    /// Drops dead letters beyond the limits of each queue, and asks for nothing where there are none.
    private func trimRepeatedly() async {
        while !Task.isCancelled {
            let limited = queues.filter { !retention.limits(of: $0).areNone }
            guard !limited.isEmpty else {
                await retention.changed.wait()
                continue
            }
            var pause = Self.longestPause
            for queue in limited {
                let next = await once("drop old dead letters of queue \(queue)") {
                    try await trim(queue)
                }
                pause = min(pause, next)
            }
            // Cancellation ends the pause, and with it the loop.
            if pause > .zero { try? await clock.sleep(for: pause) }
        }
    }

    /// Drops what is beyond the limits, a slice at a time, and tells once how much that was.
    private func trim(_ queue: QueueName) async throws -> Duration {
        var dropped = 0
        defer { if dropped > 0 { recorder.trimmed(dropped, of: queue) } }
        for _ in 0..<Self.slicesOfRound {
            let slice = try await broker.trimDead(in: queue, to: retention.limits(of: queue))
            dropped += slice.dropped
            if !slice.hasMore || Task.isCancelled { return Self.longestPause }
        }
        return .zero
    }

    /// Does `work` again and again, with the pause that it asks for.
    private func repeatedly(
        _ purpose: String, _ work: @escaping @Sendable () async throws -> Duration
    ) async {
        while !Task.isCancelled {
            let pause = await once(purpose, work)
            // Cancellation ends the pause, and with it the loop.
            if pause > .zero { try? await clock.sleep(for: pause) }
        }
    }

    /// Does `work`; a trouble is logged once, until it changes or passes.
    ///
    /// - Returns: the pause that it asks for, at most the longest.
    private func once(_ purpose: String, _ work: () async throws -> Duration) async -> Duration {
        do {
            let pause = min(try await work(), Self.longestPause)
            troubles.clear(purpose)
            return pause
        } catch is CancellationError {
            // The pause ends at once, and with it the loop.
        } catch BrokerError.unreachable {
            // The loss of the broker is told once, by whoever watches the connection.
        } catch {
            let reason = String(describing: error)
            if troubles.note(reason, purpose) {
                log.write(
                    LogRecord(
                        level: .warning,
                        message: "cannot \(purpose): \(reason); trying again every second"))
            }
        }
        return Self.longestPause
    }

    /// After so many a round is told, and the next begins.
    private static let slicesOfRound = 100
    /// A due job or a lost worker is never overlooked for longer.
    private static let longestPause = Duration.seconds(1)
    /// A lease that ends this very moment is not asked for in a circle.
    private static let shortestLook = Duration.milliseconds(20)
}
