import EventLoop
import JobDaemon
import JobQueue
import RedisBroker
import Synchronization
import TestSupport

/// Where one `Life` is played: a producer and a daemon on their own connections over the proxy, and
/// what is known of the jobs.
final class LifeStage: Sendable {
    private struct State {
        var daemons: [DaemonInside] = []
        var problems: [String] = []
    }

    let log = LogLines()
    private let life: Life
    private let proxy: MessageProxy
    private let ledger = Ledger()
    private let runs = LifeRuns()
    private let producer: RedisBroker
    private let producing: Task<Void, Never>
    private let state = Mutex(State())

    init(life: Life, proxy: MessageProxy) throws {
        self.life = life
        self.proxy = proxy
        let options = try RedisBrokerOptions(life: life, address: proxy.address)
        let producer = RedisBroker(loop: life.loop, options: options)
        self.producer = producer
        // `close` ends it.
        producing = Task(executorPreference: life.loop) { await producer.run() }
    }

    /// The job's life, until nothing of it is left to be done.
    func live() async throws {
        let daemon = try startDaemon()
        try await awaitIdle()
        try await enqueue(job)
        if life.kind == .released {
            try await awaitRuns("the job has started") { $0.started > 0 }
            await drain(daemon)
            _ = try startDaemon()
        }
        try await awaitQuiet()
    }

    /// Two more jobs, until nothing of them is left to be done.
    func goOn() async throws {
        // While one job keeps the daemon busy and another waits, what was kept from Redis comes late.
        try await enqueue(LifeRuns.job(named: Self.holderName))
        try await awaitRuns("the second job has started") { $0.holderHasStarted }
        try await enqueue(LifeRuns.job(named: Self.probeName))
        try await proxy.release()
        runs.openGate()
        try await awaitQuiet()
    }

    /// Drains and ends everything; returns what was wrong with it.
    func close() async throws -> [String] {
        for daemon in state.withLock({ $0.daemons }) { await drain(daemon) }
        producing.cancel()
        await producing.value
        let workers = try life.redis.command(["KEYS", "\(life.namespace):worker:*"]).texts
        if !workers.isEmpty { note("left behind: \(workers)") }
        for line in log.all where line.contains("does not fit") { note("mistaken: \(line)") }
        return state.withLock { $0.problems } + runs.value.mistaken
    }

    /// One line for each promise that was broken in the end.
    func verdict() throws -> [String] {
        let snapshot = try QueueSnapshot(
            of: life.redis, queues: ["default"], namespace: life.namespace)
        // What ran when the fault came may run again.
        let verdict = Verdict(
            ledger: ledger, ended: runs.value.ended, snapshot: snapshot, duplicatesAllowed: 2
        ) { [life] in life.kind == .deadLettered && $0 == LifeRuns.deadReason }
        return verdict.problems + snapshot.workers.map { "left behind: worker \($0)" }
    }

    // MARK: - Steps

    private func startDaemon() throws -> DaemonInside {
        let daemon = try DaemonInside(
            life: life, address: proxy.address, handlers: runs.handlers(for: life.kind), log: log)
        state.withLock { $0.daemons.append(daemon) }
        return daemon
    }

    private func drain(_ daemon: DaemonInside) async {
        if await !daemon.drain(within: Life.limit) { note("a drain did not end") }
    }

    /// Enqueues until it is known to be in, or not known whether it is.
    private func enqueue(_ job: NewJob) async throws {
        let name = LifeRuns.name(job.payload)
        while true {
            do {
                let results = try await producer.enqueue([job])
                let id: JobID
                switch (results.first, results.count) {
                // Sent again, it is known by what was sent first.
                case (.enqueued(let given), 1), (.known(let given), 1): id = given
                default: throw TestSupportError("the enqueue of \(name) was answered \(results)")
                }
                if let own = job.id, own != id { note("mistaken: \(own) was answered as \(id)") }
                return ledger.answered(name)
            } catch BrokerError.unreachable {
                // Nothing was done: as a user would, it is tried again.
                continue
            } catch BrokerError.outcomeUnknown {
                // With an id of its own a job may be sent again.
                if job.id != nil { continue }
                return ledger.unknown(name)
            }
        }
    }

    private func awaitRuns(
        _ what: String, _ condition: @escaping @Sendable (LifeRuns.State) -> Bool
    ) async throws {
        guard await runs.wait(within: Life.limit, until: condition) else {
            throw TestSupportError("not in time: \(what)")
        }
    }

    /// The daemon has found nothing and waits for work, unless the fault has come before that.
    private func awaitIdle() async throws {
        try await proxy.wait(within: Life.limit) { record in
            record.hasFailed || record.exchanges.contains { $0.name == "BLMOVE" }
        }
    }

    /// Nothing is left to be run, and only the present worker is known.
    private func awaitQuiet() async throws {
        let names = ledger.answered
        try await awaitRuns("the handlers of \(names) are over") { names.isSubset(of: $0.over) }
        // Now it takes a moment.
        let prefix = "\(life.namespace):{default}:"
        let script = """
            local p = ARGV[1]
            local active = 0
            for _, key in ipairs(redis.call('KEYS', p .. 'active:*')) do
                active = active + redis.call('HLEN', key)
            end
            return redis.call('LLEN', p .. 'pending') + redis.call('ZCARD', p .. 'scheduled')
                + active + redis.call('ZCARD', p .. 'workers')
            """
        let connection = try life.redis.connect()
        let deadline = ContinuousClock.now + Life.limit
        // The worker's entry and its epoch.
        while try connection.command(["EVAL", script, "0", prefix]).integer != 2 {
            guard ContinuousClock.now < deadline else {
                throw TestSupportError("not in time: nothing is left to be run")
            }
            await pause(.milliseconds(30))
        }
    }

    private func note(_ problem: String) { state.withLock { $0.problems.append(problem) } }

    // MARK: - Jobs

    static let jobName = "t-job"
    static let holderName = "t-holder"
    private static let probeName = "t-probe"

    private var job: NewJob {
        var job = LifeRuns.job(named: Self.jobName)
        if life.kind == .plain { job.id = nil }
        if life.kind == .unique { job.uniqueKey = "key" }
        return job
    }
}
