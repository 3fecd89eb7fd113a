import TestSupport

/// Carries out what the plan says.
actor Stage {
    private let redis: RedisServer
    private let proxy: FaultProxy
    private let players: [Player]
    private let queues: [String]
    /// Records that were put in and are no envelopes.
    private(set) var garbage = 0
    private var undone: [Task<Void, Never>] = []
    /// One thing at a time happens to Redis's process.
    private var redisTask: Task<Void, Never>?

    init(redis: RedisServer, proxy: FaultProxy, players: [Player], queues: [String]) {
        self.redis = redis
        self.proxy = proxy
        self.players = players
        self.queues = queues
    }

    func commit(_ fault: Fault) async {
        switch fault {
        case .killDaemon(let number, let back): await players[number].kill(backAfter: back)
        case .drainDaemon(let number): await players[number].drain()
        case .stopDaemon(let number, let time): await players[number].stop(for: time)
        case .killRedis(let back): killRedis(backAfter: back)
        case .cutConnections(let way):
            let endings: [String: FaultProxy.Ending] = [
                "reset": .reset, "clientSide": .clientSide, "halfClose": .halfClose,
            ]
            proxy.end(endings[way] ?? .close)
        case .stall(let isRequests, let time):
            proxy.set(isRequests ? .requests : .replies, .stall)
            later(time) { $0.proxy.set(isRequests ? .requests : .replies, .pass) }
        case .delay(let delay, let time):
            proxy.set(.replies, .delay(.milliseconds(delay)))
            later(time) { $0.proxy.set(.replies, .pass) }
        case .killClients: ask(["CLIENT", "KILL", "TYPE", "normal"])
        case .pauseClients(let time): ask(["CLIENT", "PAUSE", "\(time)", "ALL"])
        case .flushScripts: ask(["SCRIPT", "FLUSH"])
        case .fillMemory(let time):
            ask(["CONFIG", "SET", "maxmemory", "1"])
            later(time) { $0.ask(["CONFIG", "SET", "maxmemory", "0"]) }
        case .pauseQueue(let time):
            ask(["SET", "jq:{\(queues[0])}:paused", "1"])
            later(time) { $0.ask(["DEL", "jq:{\(self.queues[0])}:paused"]) }
        case .garbage:
            // Each once: a record is known by its bytes.
            if ask(["RPUSH", "jq:{\(queues[0])}:pending", "garbage \(garbage) {"]) { garbage += 1 }
        }
    }

    /// Awaits everything that was ordered.
    func settle() async {
        for task in undone { await task.value }
        undone = []
        await redisTask?.value
        for player in players { await player.settle() }
    }

    /// Nothing fails any more.
    func heal() {
        proxy.heal()
        ask(["CONFIG", "SET", "maxmemory", "0"])
        for queue in queues { ask(["DEL", "jq:{\(queue)}:paused"]) }
    }

    // MARK: -

    private func killRedis(backAfter milliseconds: Int) {
        let before = redisTask
        // `settle` awaits it.
        redisTask = Task {
            await before?.value
            do {
                try await redis.kill()
                await pause(.milliseconds(milliseconds))
                try await redis.restart()
            } catch {
                preconditionFailure("Redis cannot be started again: \(error)")
            }
        }
    }

    private func later(
        _ milliseconds: Int, _ action: @escaping @Sendable (isolated Stage) -> Void
    ) {
        // `settle` awaits it.
        undone.append(
            Task {
                await pause(.milliseconds(milliseconds))
                action(self)
            })
    }

    /// Asks Redis, which may be away: then the fault is that.
    @discardableResult
    private func ask(_ command: [String]) -> Bool { (try? redis.command(command)) != nil }
}
