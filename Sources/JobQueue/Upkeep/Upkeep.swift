/// What every daemon does for all of them, with no leader: due jobs are brought forward, and what lost
/// workers held is taken back.
package struct Upkeep: Sendable {
    package let broker: any UpkeepBroker
    package let queues: [QueueName]
    package let clock: any JobClock
    package let recorder: any JobEventRecorder
    package let log: any LogSink
    package let troubles: Troubles

    package init(
        broker: any UpkeepBroker, queues: [QueueName], clock: any JobClock,
        recorder: any JobEventRecorder, log: any LogSink, troubles: Troubles = Troubles()
    ) {
        self.broker = broker
        self.queues = queues
        self.clock = clock
        self.recorder = recorder
        self.log = log
        self.troubles = troubles
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
        }
    }

    /// - Returns: how long until it is worth doing again.
    private func promote(_ queue: QueueName) async throws -> Duration {
        try await broker.promoteDue(in: queue).nextDue ?? Self.longestPause
    }

    private func recover(_ queue: QueueName) async throws -> Duration {
        let round = try await broker.recover(in: queue)
        for recovery in round.recoveries { recorder.recovered(recovery) }
        return max(round.nextLook ?? Self.longestPause, Self.shortestLook)
    }

    /// Does `work` again and again, with the pause that it asks for; a trouble is logged once, until
    /// it changes or passes.
    private func repeatedly(
        _ purpose: String, _ work: @escaping @Sendable () async throws -> Duration
    ) async {
        while !Task.isCancelled {
            var pause = Self.longestPause
            do {
                pause = min(try await work(), pause)
                troubles.clear(purpose)
            } catch is CancellationError {
                return
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
            // Cancellation ends the pause, and with it the loop.
            if pause > .zero { try? await clock.sleep(for: pause) }
        }
    }

    /// A due job or a lost worker is never overlooked for longer.
    private static let longestPause = Duration.seconds(1)
    /// A lease that ends this very moment is not asked for in a circle.
    private static let shortestLook = Duration.milliseconds(20)
}
