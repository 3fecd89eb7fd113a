import TestSupport
import Testing

@Suite("The hidden mode for suspects", .timeLimit(.minutes(5)))
struct SuspectModeTests {
    @Test(
        "whoever is not the daemon that started it can run nothing with it",
        arguments: [
            "", "{}", "not json",
            // All is right but the process that gives the order.
            #"{"daemon":1,"id":"a","type":"failpoint:exit","queue":"default","payload":"null","#
                + #""attempt":1,"maxAttempts":1,"headers":{},"timeoutMilliseconds":1000,"#
                + #""isDemo":true,"logLevel":"info"}"#,
        ])
    func notTheDaemon(order: String) async throws {
        let process = try ChildProcess(product: "jobqueued", ["--run-suspect"], input: order)
        #expect(try await process.waitForEndOfOutput() == .exited(64))
        #expect(process.standardOutput == [])
        #expect(process.standardError.count == 1)
        #expect(process.standardError.first?.contains("for the daemon's own use") == true)
    }

    @Test("it is no argument beside others, and the help does not name it")
    func hidden() async throws {
        let beside = try ChildProcess(product: "jobqueued", ["--demo", "--run-suspect"])
        #expect(try await beside.waitForEndOfOutput() == .exited(64))
        let help = try ChildProcess(product: "jobqueued", ["--help"])
        #expect(try await help.waitForEndOfOutput() == .exited(0))
        #expect(!help.standardOutput.contains { $0.contains("suspect") })
    }
}
