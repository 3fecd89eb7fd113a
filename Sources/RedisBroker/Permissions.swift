import JobQueue
import Redis

/// Which of the permissions that the broker needs the Redis user lacks.
///
/// Each command is tried in a form that cannot do anything, for Redis looks at the permissions before it
/// looks at the rest: with a word where a number belongs, or on a key that is not there. It is the way that
/// needs no permission of its own, and that tells the same in each version.
struct Permissions {
    /// Lower-case, as ACL SETUSER takes them.
    private(set) var missingCommands: [String] = []
    private(set) var missingKeys: [String] = []

    /// What the scripts and the other files of the broker use. PING, SELECT and INFO are not here: the
    /// connection itself begins with them.
    static let commands = trials.map(\.command) + trialsOfOtherType

    /// Without these the broker does the same with other commands, or does not tidy up.
    static let replaceable = ["ltrim", "srem"]

    private static let trials: [(command: String, words: [String])] = [
        ("time", []), ("script|load", ["return 0"]), ("eval", ["return 0", "0"]),
        ("evalsha", [String(repeating: "0", count: 40), "0"]),
        ("type", [scratch]), ("exists", [scratch]), ("get", [scratch]),
        ("set", [scratch, "", "PX", "-"]), ("del", [scratch]), ("pexpire", [scratch, "-"]),
        ("lpop", [scratch, "0"]), ("ltrim", [scratch, "-", "-"]),
        ("blmove", [scratch, scratch, "LEFT", "LEFT", "-1"]), ("llen", [scratch]),
        ("lindex", [scratch, "-"]), ("lrange", [scratch, "-", "-"]), ("lrem", [scratch, "-", ""]),
        ("hset", [scratch, "", "", ""]), ("hget", [scratch, ""]), ("hmget", [scratch, ""]),
        ("hgetall", [scratch]), ("hdel", [scratch, ""]), ("hexists", [scratch, ""]),
        ("hincrby", [scratch, "", "-"]), ("hkeys", [scratch]), ("hlen", [scratch]),
        ("hscan", [scratch, "-"]), ("hrandfield", [scratch, "-"]), ("sscan", [scratch, "-"]),
        ("srem", [scratch, ""]),
        ("zadd", [scratch, "-", ""]), ("zrem", [scratch, ""]), ("zcard", [scratch]),
        ("zscore", [scratch, ""]), ("zrange", [scratch, "-", "-"]),
        ("zrevrange", [scratch, "-", "-"]), ("zrangebyscore", [scratch, "-", "-"]),
    ]
    /// Of the script `probe`, in its order.
    private static let trialsOfOtherType = ["rpush", "lpush", "sadd"]
    /// Stands for the scratch key's name.
    private static let scratch = "\0"

    /// Asks Redis on a new connection. `queues`: those whose keys are looked at.
    init(
        of connection: RedisConnection, keys: Keys, worker: WorkerID,
        queues: some Sequence<QueueName>,
        timeout: Duration
    ) async throws(RedisError) {
        // Whatever the user's key patterns are, each new worker has a key of this kind.
        let scratch = keys.worker("\(worker)-probe")
        func ask(_ trials: [(command: String, words: [String])]) async throws(RedisError) {
            let commands = trials.map { command, words in
                RedisCommand(
                    words: command.split(separator: "|").map { $0.uppercased() }
                        + words.map { $0 == Self.scratch ? scratch : $0 })
            }
            let results = await connection.send(commands, timeout: timeout)
            for (trial, result) in zip(trials, results) where try Self.isForbidden(result) {
                missingCommands.append(trial.command)
            }
        }
        try await ask(Self.trials)
        try await askByScript(scratch, connection, timeout)
        try await lookAtKeys(
            [keys.queues, keys.worker(worker.description)]
                + queues.flatMap { Self.names(keys.of($0), worker) },
            of: connection, timeout: timeout)
    }

    /// In one script, so that nothing is left where the connection ends in between.
    private mutating func askByScript(
        _ scratch: String, _ connection: RedisConnection, _ timeout: Duration
    ) async throws(RedisError) {
        let call = ScriptCall(Scripts.probe, keys: [], arguments: [scratch])
        let result = await connection.run([call], timeout: timeout)[0]
        // What the script needs itself was looked at before; at maxmemory or on a failing disk it tells nothing.
        if try Self.isForbidden(result) { return }
        guard case .success(.array(let answers)) = result else { return }
        for (command, answer) in zip(Self.trialsOfOtherType, answers) {
            if case .error("NOPERM", _) = answer { missingCommands.append(command) }
        }
    }

    /// Reads and writes nothing in each.
    private mutating func lookAtKeys(
        _ names: [String], of connection: RedisConnection, timeout: Duration
    ) async throws(RedisError) {
        for command in ["HGET", "HDEL"] where !missingCommands.contains(command.lowercased()) {
            let commands = names.map { RedisCommand(command, $0, "") }
            let results = await connection.send(commands, timeout: timeout)
            for (name, result) in zip(names, results)
            where try Self.isForbidden(result) && !missingKeys.contains(name) {
                missingKeys.append(name)
            }
        }
    }

    private static func names(_ queue: QueueKeys, _ worker: WorkerID) -> [String] {
        [
            queue.pending, queue.scheduled, queue.dead, queue.paused, queue.workers, queue.leases,
            queue.totals, queue.active(worker.description), queue.unique("probe"),
            queue.receipt("probe"),
            queue.enqueued("probe"), queue.aside, queue.asidePrefix + "probe",
        ]
    }

    /// Any other refusal comes after the look at the permissions.
    private static func isForbidden(
        _ result: Result<RedisReply, RedisError>
    ) throws(RedisError) -> Bool {
        guard case .failure(let error) = result else { return false }
        guard case .server(let code, let message) = error else { throw error }
        // Whoever runs Redis may have renamed a command.
        return code == "NOPERM" || message.contains("unknown command")
    }
}

extension Permissions {
    /// Why the server must not be used; `nil`: nothing is missing that is needed.
    func refusal(namespace: String) -> String? {
        let needed = missingCommands.filter { !Self.replaceable.contains($0) }
        guard !needed.isEmpty || !missingKeys.isEmpty else { return nil }
        var lacks: [String] = []
        if !needed.isEmpty { lacks.append("the commands \(Self.shown(needed))") }
        if !missingKeys.isEmpty { lacks.append("the keys \(Self.shown(missingKeys))") }
        return "its user lacks permissions for \(lacks.joined(separator: " and for ")): "
            + "\(remedy(namespace)); docs/redis-layout.md has the whole line"
    }

    /// What an administrator should know.
    func warning(namespace: String) -> String? {
        guard !missingCommands.isEmpty, missingCommands.allSatisfy(Self.replaceable.contains)
        else { return nil }
        return
            "the Redis user lacks \(Self.shown(missingCommands)), without which claims take Redis more time "
            + "and types stay in the set aside: \(remedy(namespace))"
    }

    private func remedy(_ namespace: String) -> String {
        let words =
            missingCommands.map { "+\($0)" } + (missingKeys.isEmpty ? [] : ["~\(namespace):*"])
        return "add \(words.joined(separator: " ")) to its ACL SETUSER"
    }

    private static func shown(_ words: [String]) -> String {
        let more = words.count - 12
        return words.prefix(12).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}
