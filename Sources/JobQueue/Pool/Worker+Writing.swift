/// How a worker writes what came of its jobs: in batches, until the broker has answered, and what one
/// queue does not take apart from the rest.
extension Worker {
    func writeLoop() async {
        while !Task.isCancelled {
            let batch = workbench.takeFinished()
            if batch.isEmpty {
                await workbench.flushBell.wait()
                continue
            }
            guard let results = await write(batch) else { return }
            settle(batch, results)
        }
    }

    /// Tells what was written, and puts aside what could not be, so that it holds up no other queue.
    private func settle(_ batch: [FinishedAttempt], _ results: [FinishResult]) {
        var events: [JobEvent] = []
        events.reserveCapacity(batch.count)
        var stuck: [FinishedAttempt] = []
        var aside: [(QueueName, JobType)] = []
        for (index, result) in zip(batch.indices, results) {
            switch result {
            case .written: if let event = batch[index].event { events.append(event) }
            case .leftAsItLay(let bytes):
                if let event = noteUnsendable(batch[index], bytes) { events.append(event) }
            case .refused: if let event = batch[index].event { events.append(event.refused) }
            case .failed(let error):
                note(error, .write, batch[index].finish.token.queue)
                stuck.append(batch[index].sentAgain)
                continue
            }
            if let type = batch[index].typeAside {
                aside.append((batch[index].finish.token.queue, type))
            }
        }
        recorder.record(events)
        if !aside.isEmpty { workbench.areAside(aside) }
        let freed = workbench.settled(batch, stuck: stuck)
        if !freed.isEmpty { troubles.withLock { for queue in freed { $0.clear(.write, queue) } } }
    }

    /// Tells of a job whose record the broker does not take.
    private func noteUnsendable(_ finished: FinishedAttempt, _ bytes: Int) -> JobEvent? {
        guard let event = finished.event else { return nil }
        let reason =
            "the broker ends the connection at its outcome of \(bytes) bytes (is the largest value that "
            + "it takes, of Redis proto-max-bulk-len, smaller?); its record was moved as it lay"
        var fields = LogFields()
        fields.job = event.id
        fields.type = event.type
        fields.queue = event.queue
        fields.attempt = event.attempt
        log.write(LogRecord(level: .error, message: reason, fields: fields))
        if case .retried = event.kind { return event.dead(reason: reason) }
        return event
    }

    /// Tries again what was put aside.
    func stuckLoop() async {
        while !Task.isCancelled {
            await workbench.stuckBell.wait()
            // Cancellation ends the pause, and with it the loop.
            try? await clock.sleep(for: Self.troublePause)
            workbench.retryStuck()
        }
    }

    /// Writes until the broker has answered; only the end of the worker stops it.
    ///
    /// - Returns: `nil` when the worker is over.
    private func write(_ batch: [FinishedAttempt]) async -> [FinishResult]? {
        var finishes = batch.map(\.finish)
        var failures = 0
        while !Task.isCancelled {
            do {
                progress.withLock { $0.writingSince = clock.now }
                defer { progress.withLock { $0.writingSince = nil } }
                #if FAILPOINTS
                    FailPoint.dieBeforeFinish.hit()
                #endif
                let results = try await broker.finish(finishes)
                refusals.clear(Self.writing)
                return results
            } catch is CancellationError {
                return nil
            } catch {
                failures += 1
                _ = refusals.note(String(describing: error), Self.writing)
                if failures == 1 {
                    log.write(
                        LogRecord(
                            level: .error,
                            message: "cannot write \(batch.count) outcomes: \(error); they are "
                                + "kept and tried again every second"))
                }
                for index in finishes.indices { finishes[index].isReplay = true }
                // Cancellation ends the wait, and with it the loop.
                try? await clock.sleep(for: Self.troublePause)
            }
        }
        return nil
    }

    func gatherLoop() async {
        while !Task.isCancelled {
            await workbench.gatherBell.wait()
            // When cancelled, what has gathered is written all the same.
            try? await clock.sleep(for: Workbench.gatherTime)
            workbench.endGathering()
        }
    }

    private static let writing = "write outcomes"
}
