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
        // A run may happen not to touch the rule, most of all on a slow machine: then another seed has its turn.
        var statuses: [ChildProcess.ExitStatus] = []
        for seed in 7...14 where statuses.allSatisfy({ $0 == .exited(0) }) {
            let torture = try ChildProcess(
                product: "jobqueue-torture",
                ["--seed", "\(seed)", "--seconds", "15", "--broker", broker, "--mutant", mutant])
            statuses.append(try await torture.waitForEndOfOutput())
        }
        #expect(statuses.last == .exited(1), "\(statuses)")
    }
}
