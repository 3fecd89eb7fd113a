import Glibc
import TestSupport
import Testing

@Suite("F2 the daemon dies right before or right after its handlers ran")
struct F2DeathBesideHandlerTests {
    /// Who takes the jobs up.
    enum Heir: CaseIterable {
        case sameInstance, anotherDaemon
    }

    @Test("between a claim and the start of its jobs: each runs once", arguments: Heir.allCases)
    func beforeStart(heir: Heir) async throws {
        let bench = try await FaultBench()
        try await die(at: "die-after-claim", heir, bench) { ended in #expect(ended.isEmpty) }
        try await bench.expectKept(duplicatesAllowed: 0)
    }

    @Test(
        "between a handler's end and its written outcome: only that batch runs again",
        arguments: Heir.allCases)
    func beforeFinish(heir: Heir) async throws {
        let bench = try await FaultBench()
        var ran = 0
        try await die(at: "die-before-finish", heir, bench) { ended in ran = ended.count }
        let verdict = try await bench.expectKept(duplicatesAllowed: ran)
        #expect((1...FaultBench.slots).contains(ran))
        #expect(verdict.duplicates == ran)
    }

    /// Lets a daemon die with jobs in its hands, and another take them up.
    ///
    /// - Parameter look: Is told which jobs had run to their end by then.
    private func die(
        at failPoint: String, _ heir: Heir, _ bench: FaultBench, look: ([String]) -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let dying = try await bench.daemon(
            directory: directory, environment: ["JQ_FAILPOINT": failPoint])
        try bench.enqueue(30, "job")
        #expect(try await dying.child.waitForExit() == .killed(signal: SIGKILL))
        look(bench.effects.ended)
        _ = try await bench.daemon(directory: heir == .sameInstance ? directory : nil)
    }
}
