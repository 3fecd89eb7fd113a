import JobQueue
import Redis

/// What any daemon does for all: bring due jobs forward, and take jobs back from lost workers.
extension RedisBroker: UpkeepBroker {
    package func promoteDue(
        in queue: QueueName
    ) async throws -> (moved: Int, nextDue: Duration?) {
        let names = keys.of(queue)
        let reply = try await ask(
            ScriptCall(
                Scripts.promote,
                keys: [names.scheduled, names.pending, names.paused, names.exporting],
                arguments: [String(Slice.count), String(Slice.bytes)]))
        let numbers = try reply.integers(2)
        return (Int(numbers[0]), numbers[1] < 0 ? nil : .milliseconds(numbers[1]))
    }

    package func recover(in queue: QueueName) async throws -> RecoveryRound {
        let own = identity.worker.description
        try await lookAtLeases(of: queue)
        let watch = othersLeases[queue, default: LeaseWatch()]
        let now = options.clock.now
        let nextEnd = watch.nextEnd(at: now, except: own)
        // When Redis was away for longer than a lease, every lease has ended and nobody is lost: they
        // are given the time of one lease to come back.
        guard let lease = options.worker?.lease,
            let timeToUnbroken = ownLease.timeToUnbroken(at: now, lease: lease)
        else { return RecoveryRound(nextLook: nextEnd) }
        guard timeToUnbroken == .zero else {
            return RecoveryRound(nextLook: min(timeToUnbroken, nextEnd ?? timeToUnbroken))
        }
        var round = RecoveryRound(nextLook: nextEnd)
        for entry in watch.over(at: now) where entry.worker != own {
            do {
                let jobs = try await recover(entry.worker, unlessKeptSince: entry.end, in: queue)
                guard let jobs else { continue }
                round.recoveries.append(
                    Recovery(worker: entry.worker, queue: queue, jobs: jobs))
            } catch {
                guard error.isRefusal else { throw error }
                // Those behind it are no worse for it.
                round.failure = round.failure ?? error
            }
        }
        return round
    }

    /// Asks Redis for the queue's workers.
    private func lookAtLeases(of queue: QueueName) async throws {
        let names = keys.of(queue)
        let sentAt = options.clock.now
        let parts = try await ask(
            ScriptCall(
                Scripts.expired, keys: [names.workers], arguments: [String(Self.mostWorkers)])
        ).array()
        let answeredAt = options.clock.now
        let redisTime = try parts.first?.integer() ?? 0
        let words = try parts.dropFirst().map { try $0.text() }
        let entries = stride(from: 0, to: words.count - 1, by: 2).map {
            LeaseWatch.Entry(worker: words[$0], end: words[$0 + 1])
        }
        let strangers = othersLeases[queue, default: LeaseWatch()].strangers(among: entries)
        if !strangers.isEmpty {
            let reply = try await ask(
                RedisCommand(words: ["HMGET", names.leases] + strangers))
            for (worker, length) in zip(strangers, try reply.array()) {
                // A daemon of an earlier version has not told its own.
                let told = length == .null ? nil : try length.integer()
                othersLeases[queue, default: LeaseWatch()].know(
                    told.map { .milliseconds($0) }, of: worker)
            }
        }
        othersLeases[queue, default: LeaseWatch()].note(
            entries, redisTime: redisTime, sentAt: sentAt, answeredAt: answeredAt)
    }

    /// Of more, half of those are looked at whose leases end first by Redis's clock, and half of those whose
    /// end last.
    private static let mostWorkers = 1000

    package func recoverFormerSelf(_ worker: WorkerID) async throws -> [Recovery] {
        var recoveries: [Recovery] = []
        for queue in options.worker?.queues ?? [] {
            let jobs = try await recover(worker.description, unlessKeptSince: nil, in: queue)
            guard let jobs else { continue }
            recoveries.append(Recovery(worker: worker.description, queue: queue, jobs: jobs))
        }
        return recoveries
    }

    package func trimDead(
        in queue: QueueName, to limits: DeadLimits
    ) async throws -> TrimmedSlice {
        let reply = try await ask(
            ScriptCall(
                Scripts.trim, keys: [keys.of(queue).dead],
                arguments: [
                    String(limits.count ?? -1),
                    String(limits.age?.wholeMilliseconds ?? -1), String(Slice.count),
                    String(Slice.bytes),
                ]))
        let numbers = try reply.integers(2)
        return TrimmedSlice(dropped: Int(clamping: numbers[0]), hasMore: numbers[1] > 0)
    }

    /// Declares a worker lost, moves what it held to the head of pending, and takes it out.
    ///
    /// - Parameter end: The end of the lease that is over; `nil`: it is known to be gone, whatever its lease
    ///   says.
    /// - Returns: how many jobs were moved; `nil` when it is not lost.
    private func recover(
        _ worker: String, unlessKeptSince end: String?, in queue: QueueName
    ) async throws(BrokerError) -> Int? {
        #if FAILPOINTS
            if FailPoint.noRecover.isActive { return nil }
        #endif
        let names = keys.of(queue)
        let active = names.active(worker)
        let declared = try await ask(
            ScriptCall(
                Scripts.declare, keys: [active, names.workers],
                arguments: [worker, end ?? ""]))
        guard try declared.integer() == 1 else { return nil }
        var moved = 0
        while true {
            var tokens = try await heldTokens(active)[...]
            if tokens.isEmpty { break }
            while !tokens.isEmpty {
                let held = try await ask(Self.heldCall(active, tokens.prefix(Slice.count)))
                    .array()
                let call = try recoverCall(zip(tokens, held), of: worker, in: queue)
                let reply = try await askToRecover(call, large(zip(tokens, held), of: worker))
                // It has an epoch again, so it is not lost after all.
                if try reply.integer() < 0 { return moved }
                moved += try reply.count()
                tokens = tokens.dropFirst(max(held.count, 1))
            }
        }
        _ = try await ask(
            ScriptCall(
                Scripts.retire, keys: [active, names.workers, names.leases],
                arguments: [worker, ""]))
        return moved
    }

    /// Tokens that a lost worker holds, the latest claim first: each job is pushed to the head of
    /// pending, so the earliest must go last. Of more than 2 000 they are any 2 000.
    private func heldTokens(_ active: String) async throws(BrokerError) -> [String] {
        let some = RedisCommand("HRANDFIELD", active, "2000")
        let found = try await ask(some).array()
        var tokens: [String] = []
        for token in found { tokens.append(try token.text()) }
        return tokens.filter { $0 != "epoch" }
            .sorted { UInt64($0) ?? 0 > UInt64($1) ?? 0 }
    }

    /// The script's call that moves one slice, each envelope brought up to date.
    private func recoverCall(
        _ held: some Sequence<(String, RedisReply)>, of worker: String, in queue: QueueName
    ) throws(BrokerError) -> ScriptCall {
        let names = keys.of(queue)
        var call = ScriptCall(
            Scripts.recover, keys: [names.active(worker), names.pending, names.totals])
        // What is not there any more was finished, or moved by somebody else.
        for (token, reply) in held where reply != .null {
            call.append(token)
            // As it lies, where it is too large to come here, or Redis does not take it back.
            guard case .bytes(let envelope) = reply,
                recoverLosses[worker + "-" + token, default: 0] < 2
            else {
                call.append([])
                continue
            }
            call.append(lost(envelope, worker: worker, token: token, queue: queue))
        }
        return call
    }

    static func heldCall(_ active: String, _ tokens: some Sequence<String>) -> ScriptCall {
        ScriptCall(
            Scripts.held, keys: [active],
            arguments: [String(Slice.bytes), String(Claim.largest), String(Claim.beginning)]
                + tokens)
    }

    /// Those that Redis may not take back, by worker and token: no Redis refuses a smaller one.
    private func large(
        _ held: some Sequence<(String, RedisReply)>, of worker: String
    ) -> [String] {
        held.compactMap { token, reply in
            guard case .bytes(let envelope) = reply, envelope.count > FinishPlan.sendable else {
                return nil
            }
            return worker + "-" + token
        }
    }

    /// Notes how often the connection was lost that a large record was sent on.
    private func askToRecover(
        _ call: ScriptCall, _ large: [String]
    ) async throws(BrokerError) -> RedisReply {
        do {
            let reply = try await client.connectionNow()
                .run(call, timeout: options.commandTimeout)
            for name in large { recoverLosses[name] = nil }
            return reply
        } catch {
            if error.wasSent || error.endsConnection {
                for name in large { recoverLosses[name, default: 0] += 1 }
            }
            throw BrokerError(error)
        }
    }

    private func lost(
        _ envelope: [UInt8], worker: String, token: String, queue: QueueName
    ) -> [UInt8] {
        // Whoever put another field into the hash gets it back as it is.
        guard let worker = WorkerID(worker), let number = UInt64(token) else { return envelope }
        let token = LeaseToken(worker: worker, queue: queue, number: number)
        return Claim(token: token, envelope: envelope)
            .envelopeAfterLoss(
                maxPayload: options.maxPayload, at: options.clock.unixMilliseconds)
    }

    private func ask(_ command: RedisCommand) async throws(BrokerError) -> RedisReply {
        do {
            return try await client.connectionNow().send(command, timeout: options.commandTimeout)
        } catch {
            throw BrokerError(error)
        }
    }

    /// Runs one script now; fails when there is no connection.
    func ask(_ call: ScriptCall) async throws(BrokerError) -> RedisReply {
        let connection: RedisConnection
        do {
            connection = try await client.connectionNow()
        } catch {
            throw BrokerError(error)
        }
        do {
            return try await connection.run(call, timeout: options.commandTimeout)
        } catch {
            await connection.closeIfForbidden(error)
            throw BrokerError(error)
        }
    }
}

extension RedisReply {
    /// The readers of `Redis`, with the broker's error.
    func array() throws(BrokerError) -> [RedisReply] {
        do { return try asArray() } catch { throw BrokerError(error) }
    }

    func integer() throws(BrokerError) -> Int64 {
        do { return try asInteger() } catch { throw BrokerError(error) }
    }

    /// How many there are of something. Sums of a few of them are never out of range.
    func count() throws(BrokerError) -> Int {
        let number = try integer()
        guard (0...Self.largestCount).contains(number) else {
            throw .refused(reason: "Redis answered \(number) where a count belongs")
        }
        return Int(number)
    }

    /// More cannot be counted in a script.
    private static let largestCount: Int64 = 1 << 53

    func text() throws(BrokerError) -> String {
        do { return try asText() } catch { throw BrokerError(error) }
    }

    func bytes() throws(BrokerError) -> [UInt8] {
        do { return try asBytes() } catch { throw BrokerError(error) }
    }

    /// A list of at least `count` numbers.
    func integers(_ count: Int) throws(BrokerError) -> [Int64] {
        let elements = try array()
        guard elements.count >= count else {
            throw .refused(reason: "Redis answered \(elements.count) numbers where \(count) belong")
        }
        var numbers: [Int64] = []
        for element in elements { numbers.append(try element.integer()) }
        return numbers
    }
}
