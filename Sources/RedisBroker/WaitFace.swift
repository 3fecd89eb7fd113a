import JobQueue
import Redis

/// Waiting for work, on a connection of its own for each queue.
extension RedisBroker {
    package func waitForWork(in queue: QueueName, claiming count: Int) async throws -> ClaimReply {
        if pausedQueues.contains(queue) {
            try await waitWhilePaused(queue)
            return .notAsked
        }
        guard let waiter = waiter(of: queue) else {
            throw BrokerError.invalid(reason: "queue \(queue) is not one of this worker's")
        }
        while true {
            let connection = try await waiter.connection()
            do {
                if let reply = try await waitOnce(connection, queue, claiming: count) {
                    // The answer came, and who awaited it is gone.
                    guard !reply.claims.isEmpty, Task.isCancelled else { return reply }
                    adopted[queue, default: []] += reply.claims
                    adoptedBell.ring()
                    throw CancellationError()
                }
            } catch let error as RedisError {
                try Task.checkCancellation()
                switch error {
                case .unreachable, .connectionLost: continue
                case .server(let code, let message):
                    switch RedisRefusal(code: code) {
                    case .reconnect, .leaseLost: await connection.close(reason: message)
                    case .forbidden:
                        await connection.close(reason: message)
                        await reconnect(after: error)
                    case .keep where code == "OOM" || code == "MISCONF":
                        // A full Redis refuses to wait, though not to give: claim by the clock.
                        try await options.clock.sleep(for: Self.pollInterval)
                        return .notAsked
                    case .keep: throw BrokerError(error)
                    }
                case .badAddress, .unexpectedReply: throw BrokerError(error)
                }
            }
        }
    }

    /// Moves the head of the list to where it is, as soon as there is one: the list stays the same, and
    /// a connection that dies meanwhile owns nothing. Then claims, if `count` is not 0.
    ///
    /// - Returns: `nil` when nothing came within the wait.
    private func waitOnce(
        _ connection: RedisConnection, _ queue: QueueName, claiming count: Int
    ) async throws(RedisError) -> ClaimReply? {
        let pending = keys.of(queue).pending
        let waitTime = options.waitTime
        let seconds = String(waitTime.inSeconds)
        let wait = RedisCommand("BLMOVE", pending, pending, "LEFT", "LEFT", seconds)
        let claim = newClaimBehindWait(count, in: queue)
        let requests = [.command(wait)] + (claim.map { [RedisRequest.script($0.call)] } ?? [])
        let timeout = waitTime + options.commandTimeout
        let results = await withTaskCancellationHandler {
            await connection.perform(requests, timeout: timeout)
        } onCancel: {
            // Nobody waits for this task: closing ends the wait above.
            Task(executorPreference: loop) { await connection.close(reason: "stopped waiting") }
        }
        let reply = claim.flatMap { noteBehindWait(results[1], to: $0) }
        if let claim, case .failure(let error) = results[1], error.mayHaveClaimed {
            if error.isForbidden { throw error }
            await adoptRefused(claim)
            if !adopted.isEmpty { return .notAsked }
        }
        // The claim may go well although the wait is refused, as it is by a full Redis.
        if let reply, !reply.claims.isEmpty { return reply }
        let isInVain = try results[0].get() == .null
        return isInVain ? nil : reply ?? .notAsked
    }

    /// The connection for commands finds what is missing, and registers again when nothing is.
    private func reconnect(after error: RedisError) async {
        // Without a connection there is nothing to close.
        try? await client.connectionNow().closeIfForbidden(error)
    }

    /// A paused queue is not empty, so there is nothing to wait on: it is asked again and again.
    private func waitWhilePaused(_ queue: QueueName) async throws {
        while true {
            try await options.clock.sleep(for: Self.pollInterval)
            let connection = try await client.connection()
            let exists = RedisCommand("EXISTS", keys.of(queue).paused)
            do {
                let reply = try await connection.send(exists, timeout: options.commandTimeout)
                guard try reply.asInteger() == 0 else { continue }
                pausedQueues.remove(queue)
                return
            } catch {
                // The connection is being renewed; the next round asks the new one.
                continue
            }
        }
    }

    /// How often a queue is asked that cannot be waited on. A resume must be felt within 100 ms.
    private static let pollInterval = Duration.milliseconds(50)
}
