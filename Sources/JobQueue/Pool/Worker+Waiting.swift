/// How a worker waits for work: in each queue by itself, and with the jobs that come along.
extension Worker {
    /// Waits for work in one queue whenever the claiming loop found it empty.
    func watchLoop(queueAt index: Int) async {
        let queue = options.schedule.entries[index].queue
        while !Task.isCancelled {
            guard workbench.isWatched(queueAt: index) else {
                await workbench.watchBells[index].wait()
                continue
            }
            do {
                // A queue in trouble is asked anew, but not in a circle without a pause.
                if troubles.withLock({ $0.hasTrouble(.claim, queue) }) {
                    try await clock.sleep(for: Self.troublePause)
                } else if troubles.withLock({ $0.hasTrouble(.wait, queue) }) {
                    try await tryToWait(in: queue)
                    troubles.withLock { $0.clear(.wait, queue) }
                } else if try await !awaitWork(queueAt: index) {
                    continue
                }
            } catch is CancellationError {
                return
            } catch {
                note(error, .wait, queue)
                // Cancellation ends the pause, and with it the loop.
                try? await clock.sleep(for: Self.troublePause)
            }
            workbench.markReady(queueAt: index)
        }
    }

    /// Waits for work in a queue, and starts what comes along.
    ///
    /// - Returns: Whether the queue should be claimed from.
    private func awaitWork(queueAt index: Int) async throws -> Bool {
        let count = workbench.beginWait(queueAt: index)
        defer { workbench.waitIsOver() }
        let queue = options.schedule.entries[index].queue
        let reply = try await broker.waitForWork(in: queue, claiming: count)
        let order = workbench.admit(reply.claims.count, queueAt: index)
        _ = take(reply.claims.prefix(order.count), of: order)
        workbench.claimIsOver(order)
        giveBack(reply.claims.dropFirst(order.count))
        return reply.rest == .more
    }

    /// Gives back what came along when other jobs had taken the slots, or a drain had begun.
    private func giveBack(_ claims: ArraySlice<Claim>) {
        guard !claims.isEmpty else { return }
        let reader = reader.withLock { $0 }
        let (attempts, dead) = reader.read(claims, unixMilliseconds: clock.unixMilliseconds)
        workbench.add(dead)
        runner.giveBack(attempts, reason: Self.noSlotReason)
    }

    /// Waits for work for a little while only: a refusal comes at once, so when none came, the queue
    /// can be waited on again, whether it has work or not.
    private func tryToWait(in queue: QueueName) async throws {
        let result = await within(Self.trialTime, clock) { () -> Result<Void, any Error> in
            do {
                return .success(try await self.broker.waitForWork(in: queue))
            } catch {
                return .failure(error)
            }
        }
        try result?.get()
    }

    private static let trialTime = Duration.milliseconds(500)
    private static let noSlotReason = "no slot was open to it when it came"
}
