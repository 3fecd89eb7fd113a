import JobQueue
import Redis

/// Waiting for work, on a connection of its own for each queue.
extension RedisBroker {
    package func waitForWork(in queue: QueueName) async throws {
        // Claims whose answer was lost are work, too.
        if adopted[queue]?.isEmpty == false { return }
        if pausedQueues.contains(queue) { return try await waitWhilePaused(queue) }
        guard let waiter = waiter(of: queue) else {
            throw BrokerError.invalid(reason: "queue \(queue) is not one of this worker's")
        }
        while true {
            let connection = try await waiter.connection()
            do {
                if try await waitOnce(connection, keys.of(queue).pending) { return }
                // What was claimed and never answered can lie here while pending stays empty.
                if adopted[queue]?.isEmpty == false { return }
            } catch {
                try Task.checkCancellation()
                switch error {
                case .unreachable, .connectionLost: continue
                case .server(let code, let message):
                    switch RedisRefusal(code: code) {
                    case .reconnect, .leaseLost: await connection.close(reason: message)
                    case .keep where code == "OOM" || code == "MISCONF":
                        // A full Redis refuses to wait, though not to give: claim by the clock.
                        try await options.clock.sleep(for: Self.pollInterval)
                        return
                    case .keep: throw BrokerError(error)
                    }
                case .badAddress, .unexpectedReply: throw BrokerError(error)
                }
            }
        }
    }

    /// Moves the head of the list to where it is, as soon as there is one: the list stays the same, and
    /// a connection that dies meanwhile owns nothing.
    ///
    /// - Returns: `false` when nothing came within `waitTime`.
    private func waitOnce(
        _ connection: RedisConnection, _ pending: String
    ) async throws(RedisError) -> Bool {
        let wait = RedisCommand("BLMOVE", pending, pending, "LEFT", "LEFT", Self.waitSeconds)
        let timeout = Self.waitTime + options.commandTimeout
        let result: Result<RedisReply, RedisError> = await withTaskCancellationHandler {
            await connection.send([wait], timeout: timeout)[0]
        } onCancel: {
            // Nobody waits for this task: closing ends the wait above.
            Task(executorPreference: loop) { await connection.close(reason: "stopped waiting") }
        }
        return try result.get() != .null
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

    /// One wait; also how long a dead connection can go unnoticed, beyond the command's limit.
    private static let waitTime = Duration.seconds(5)
    private static let waitSeconds = "5"
    /// How often a queue is asked that cannot be waited on. A resume must be felt within 100 ms.
    private static let pollInterval = Duration.milliseconds(50)
}
