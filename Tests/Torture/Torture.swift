import TestSupport

/// One run: daemons, producers, faults as planned; then all is healed, and everything must have ended.
struct Torture {
    let plan: Plan
    /// The fail point that all daemons have, to see that the run notices.
    let mutant: String?

    private static let queues = ["default", "low"]
    private static let slots = 8
    private static let arguments = [
        "--lease", "1s", "--concurrency", "\(slots)", "--queues", "default:3,low:1",
        "--drain-timeout", "100ms", "--kill-grace", "300ms",
    ]
    /// So long after the last fault everything must have ended.
    private static let bound = Duration.seconds(30)

    init(seed: UInt64, seconds: Int, on ground: GroundKind, mutant: String?) {
        plan = Plan(seed: seed, seconds: seconds, ground: ground)
        self.mutant = mutant
    }

    func run() async throws -> Report {
        let ground = try await plan.ground.make(queues: Self.queues)
        let effects = try EffectFile()
        let commands = try CommandFiles(effects)
        let ledger = Ledger()
        var players: [Player] = []
        for number in 0..<plan.ground.daemons {
            players.append(
                try await Player(
                    number: number, on: ground, effects: effects,
                    arguments: Self.arguments + commands.arguments, mutant: mutant))
        }
        let stage = Stage(ground: ground, players: players)
        let watch = Watch(ground)

        try await ground.produce(seed: plan.seed, ledger) {
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
        for player in players { try await player.ready() }
        try await ground.heal()
        let hasEnded = await watch.awaitEnd(within: Self.bound)
        for player in players { await player.retire() }

        var problems = watch.problems
        for player in players { problems += await player.problems }
        if !hasEnded { problems.append("jobs are left \(Self.bound) after the last fault") }
        let snapshot = try ground.snapshot()
        if !snapshot.workers.isEmpty {
            problems.append("left behind: workers \(snapshot.workers.sorted())")
        }
        let verdict = Verdict(
            ledger: ledger, ended: effects.ended, snapshot: snapshot,
            garbage: ground.garbage, duplicatesAllowed: duplicatesAllowed)
        var logs: [[String]] = []
        for player in players { logs.append(await player.log) }
        return Report(
            plan: plan, verdict: verdict, problems: problems + verdict.problems,
            answered: ledger.answered.count, logs: logs)
    }

    /// At each fault at most what ran at that moment, and one batch of outcomes.
    private var duplicatesAllowed: Int { plan.faults.count * (Self.slots + 64) }
}
