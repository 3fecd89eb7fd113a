import TestSupport
import Testing

@Suite("A broken rule is noticed")
struct MutantTests {
    @Test(
        "the torture goes red when one rule is broken",
        arguments: [
            ("no-fence", "redis"), ("no-recover", "redis"), ("no-unlock", "redis"),
            ("ack-before-run", "redis"), ("release-without-guard", "redis"),
            ("ack-before-run", "sqlite"),
        ])
    func isNoticed(mutant: String, broker: String) async throws {
        // A run may happen not to touch the rule: then another seed has its turn.
        var seed = 7
        let deadline = ContinuousClock.now + .seconds(60)
        var statuses: [ChildProcess.ExitStatus] = []
        repeat {
            let torture = try ChildProcess(
                product: "jobqueue-torture",
                ["--seed", "\(seed)", "--seconds", "15", "--broker", broker, "--mutant", mutant])
            statuses.append(try await torture.waitForEndOfOutput(within: .seconds(120)))
            seed += 1
        } while statuses.last == .exited(0) && ContinuousClock.now < deadline
        #expect(statuses.last == .exited(1), "\(statuses)")
    }
}
