import EventLoop
import Synchronization
import TestSupport

/// One run: daemons, producers, faults as planned; then all is healed, and everything must have ended.
struct Torture {
    let plan: Plan
    /// The fail point that all daemons have, to see that the run notices.
    let mutant: String?

    private static let daemons = 3
    private static let queues = ["default", "low"]
    private static let slots = 8
    private static let arguments = [
        "--lease", "1s", "--concurrency", "\(slots)", "--queues", "default:3,low:1",
        "--drain-timeout", "100ms", "--kill-grace", "300ms",
    ]
    /// So long after the last fault everything must have ended.
    private static let bound = Duration.seconds(30)

    init(seed: UInt64, seconds: Int, mutant: String?) {
        plan = Plan(seed: seed, seconds: seconds, daemons: Self.daemons)
        self.mutant = mutant
    }

    func run() async throws -> Report {
        let redis = try await RedisServer(appendOnly: true)
        let proxy = try FaultProxy(to: redis.socketAddress)
        let effects = try EffectFile()
        let ledger = Ledger()
        var players: [Player] = []
        for number in 0..<Self.daemons {
            players.append(
                try await Player(
                    number: number, address: proxy.address, effects: effects,
                    arguments: Self.arguments, mutant: mutant))
        }
        let stage = Stage(redis: redis, proxy: proxy, players: players, queues: Self.queues)
        let watch = Watch(redis: redis, queues: Self.queues)

        try await produce(redis, proxy, ledger) {
            await withTaskGroup { group in
                group.addTask { await watch.run() }
                for planned in plan.faults {
                    await pause(planned.wait)
                    await stage.commit(planned.fault)
                }
                await stage.settle()
                group.cancelAll()
            }
        }
        await stage.heal()
        let hasEnded = await watch.awaitEnd(within: Self.bound)
        for player in players { await player.retire() }

        var problems = watch.problems
        for player in players { problems += await player.problems }
        if !hasEnded { problems.append("jobs are left \(Self.bound) after the last fault") }
        let snapshot = try QueueSnapshot(of: redis, queues: Self.queues)
        if !snapshot.workers.isEmpty {
            problems.append("left behind: workers \(snapshot.workers.sorted())")
        }
        let verdict = Verdict(
            ledger: ledger, ended: effects.ended, snapshot: snapshot,
            garbage: await stage.garbage, duplicatesAllowed: duplicatesAllowed)
        var logs: [[String]] = []
        for player in players { logs.append(await player.log) }
        return Report(
            plan: plan, verdict: verdict, problems: problems + verdict.problems,
            answered: ledger.answered.count, logs: logs)
    }

    /// Runs `body` while both producers enqueue.
    private func produce(
        _ redis: RedisServer, _ proxy: FaultProxy, _ ledger: Ledger, _ body: () async -> Void
    ) async throws {
        let loop = try EventLoop()
        try loop.start()
        defer { loop.stop() }
        let library = LibraryProducer(loop: loop, address: proxy.address, ledger: ledger)
        let bare = BareProducer(redis: redis, ledger: ledger)
        let seed = plan.seed
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: loop) { try await library.run(seed: seed) }
            group.addTask { await bare.run() }
            await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// At each fault at most what ran at that moment, and one batch of outcomes.
    private var duplicatesAllowed: Int { plan.faults.count * (Self.slots + 64) }
}
