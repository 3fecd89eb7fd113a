import JobQueue
import Redis

/// A claim, and under which name it is made.
struct ClaimOnItsWay {
    let worker: WorkerID
    let epoch: UInt64
    let queue: QueueName
    let source: ClaimSource
    let count: Int
    let firstToken: UInt64
    let call: ScriptCall

    var tokens: Range<UInt64> { firstToken..<firstToken &+ UInt64(count) }
}

extension RedisBroker {
    func newClaim(
        _ count: Int, from queue: QueueName, _ source: ClaimSource = .pending
    ) -> ClaimOnItsWay {
        let first = identity.takeTokens(count)
        let names = keys.of(queue)
        let active = names.active(identity.worker.description)
        let arguments = [
            String(identity.epoch), String(count), String(first), String(Slice.bytes),
            String(Claim.largest), String(Claim.beginning),
        ]
        let call =
            switch source {
            case .pending:
                ScriptCall(
                    Scripts.claim, keys: [active, names.pending, names.paused],
                    arguments: arguments)
            case .aside(let type):
                ScriptCall(
                    Scripts.claim,
                    keys: [active, names.aside(type), names.paused, names.aside],
                    arguments: arguments + [type.description])
            }
        return ClaimOnItsWay(
            worker: identity.worker, epoch: identity.epoch, queue: queue, source: source,
            count: count, firstToken: first, call: call)
    }

    /// Takes in what a claim brought.
    func note(_ reply: RedisReply, to claim: ClaimOnItsWay) throws -> ClaimReply {
        let parts = try reply.asArray()
        guard let rest = try parts.first?.asInteger() else {
            throw BrokerError.refused(reason: "Redis gave an empty answer to a claim")
        }
        guard parts.count <= claim.count + 1 else {
            throw BrokerError.refused(
                reason: "Redis gave \(parts.count - 1) jobs to a claim of \(claim.count)")
        }
        var claims: [Claim] = []
        claims.reserveCapacity(parts.count - 1)
        var number = claim.firstToken
        for part in parts.dropFirst() {
            let token = LeaseToken(worker: claim.worker, queue: claim.queue, number: number)
            claims.append(try Claim(token: token, part))
            number &+= 1
        }
        if claim.worker == identity.worker {
            identity.held[claim.queue, default: HeldTokens()]
                .insert(from: claim.firstToken, count: claims.count)
        }
        if rest == 2 { pausedQueues.insert(claim.queue) } else { pausedQueues.remove(claim.queue) }
        return ClaimReply(claims: claims, rest: rest == 2 ? .paused : rest == 1 ? .more : .empty)
    }
}

extension Claim {
    /// What a script tells of one job: its envelope, or the beginning of one that is too large.
    init(token: LeaseToken, _ reply: RedisReply) throws(RedisError) {
        guard case .array(let parts) = reply else {
            self.init(token: token, envelope: try reply.asBytes())
            return
        }
        guard parts.count == 3 else {
            throw .unexpectedReply("a large record was told in \(parts.count) parts, not 3")
        }
        self.init(
            token: token, envelope: try parts[0].asBytes(),
            all: RecordDigest(
                size: Int(clamping: try parts[1].asInteger()), sha1: try parts[2].asText()))
    }
}

// MARK: - Claims behind a wait

/// A claim that is sent behind a wait, on the wait's connection, is made as soon as the wait is over: a job
/// comes with the wake-up, and not one round trip later.
///
/// The epoch in it is that of the connection for commands. So it brings nothing once this worker has
/// registered anew, and whatever it brought before was found then. It follows that an answer which comes
/// after a registration is dropped, and that a registration must follow where an answer was lost.
extension RedisBroker {
    /// - Returns: `nil` where none can be made now.
    func newClaimBehindWait(_ count: Int, in queue: QueueName) -> ClaimOnItsWay? {
        guard count > 0, !hasRetired, identity.registered.contains(queue) else { return nil }
        return newClaim(count, from: queue)
    }

    /// Takes in what came behind a wait.
    ///
    /// - Returns: `nil` where it tells nothing: then `claim` is asked, and meets the same trouble.
    func noteBehindWait(
        _ result: Result<RedisReply, RedisError>, to claim: ClaimOnItsWay
    ) -> ClaimReply? {
        guard claim.worker == identity.worker, claim.epoch == identity.epoch else { return nil }
        switch result {
        case .success(let reply):
            do {
                return try note(reply, to: claim)
            } catch {
                // It may have brought something all the same.
                noteUnanswered(claim, "an answer to a claim cannot be read: \(error)")
            }
        case .failure(.connectionLost): noteUnanswered(claim, "the answer to a claim was lost")
        case .failure: break
        }
        return nil
    }

    private func noteUnanswered(_ claim: ClaimOnItsWay, _ reason: String) {
        unansweredEpoch = claim.epoch
        // Who signs off registers anew before that, without a new connection.
        guard !Task.isCancelled else { return }
        // Without a connection there is nothing to close, and the next one registers anew.
        try? client.assumeIsolated { client throws(RedisError) in try client.connectionNow() }
            .assumeIsolated { $0.close(reason: reason) }
    }

    /// Sees to it that no claim can bring anything any more, and takes up what one has brought whose answer
    /// is missing.
    func fenceUnansweredClaim(_ worker: WorkerSide) async throws {
        while unansweredEpoch == identity.epoch, !hasRetired {
            let connection = try await client.connection()
            // Whoever made the connection has registered anew.
            guard unansweredEpoch == identity.epoch else { return }
            do {
                try await register(worker, on: connection)
            } catch let error as RedisError {
                // A lost lease was dealt with, and leaves nothing to fence.
                if error.serverCode == "LEASELOST" { continue }
                try await recoverFrom(error, on: connection, queue: nil, as: identity.worker)
            }
        }
    }
}

// MARK: - Claims that were refused

/// Redis can refuse a claim after a part of it is written: version 6.2 when it cannot write to its disk, each
/// version when the user's permissions change. Then jobs are active under this worker, under tokens of that
/// claim. It was answered, so nothing more comes of it, and no registration is needed to find them.
extension RedisBroker {
    /// Takes up what a refused claim brought, at once or with the next claim.
    func adoptRefused(_ claim: ClaimOnItsWay) async {
        refusedClaims.append(claim)
        // What cannot be read now is read before the next claim.
        try? await adoptRefused(on: try client.connectionNow())
    }

    /// Takes up what the refused claims brought.
    func adoptRefused(on connection: RedisConnection) async throws {
        while let claim = refusedClaims.first {
            // Else a registration since then has found everything, or the jobs are others' now.
            if claim.worker == identity.worker, claim.epoch == identity.epoch {
                let active = keys.of(claim.queue).active(claim.worker.description)
                do {
                    let fields = try await connection.send(
                        RedisCommand("HKEYS", active), timeout: options.commandTimeout
                    ).asTexts()
                    let own = fields.filter { UInt64($0).map(claim.tokens.contains) ?? false }
                    try await adopt(own, in: claim.queue, on: connection)
                } catch let error as RedisError {
                    return try await recoverFrom(
                        error, on: connection, queue: claim.queue, as: claim.worker)
                }
            }
            refusedClaims.removeAll { $0.firstToken == claim.firstToken }
        }
    }
}

extension RedisError {
    /// Redis refused a claim, and may have written a part of it before.
    var mayHaveClaimed: Bool {
        guard let serverCode else { return false }
        return serverCode != "LEASELOST"
    }
}
