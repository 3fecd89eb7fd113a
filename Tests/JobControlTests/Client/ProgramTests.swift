import Foundation
import JobControl
import TestSupport
import Testing

/// The program itself, in a process.
@Suite("The program jobqueuectl")
struct ProgramTests {
    private func run(
        _ arguments: String..., environment: [String: String] = [:], input: String = ""
    ) async throws -> (output: [String], errors: [String], status: ChildProcess.ExitStatus) {
        let process = try ChildProcess(
            product: "jobqueuectl", arguments, environment: environment, input: input)
        let status = try await process.waitForEndOfOutput(within: .seconds(60))
        return (process.standardOutput, process.standardError, status)
    }

    @Test("exits with 0 when it is done, and writes to standard output alone")
    func done() async throws {
        try await withControlServer { stand in
            let (output, errors, status) = try await run(
                "drain", environment: ["JQ_CONTROL": stand.path])
            #expect(output == ["draining: 2 jobs run and have 30s to finish"])
            #expect(errors.isEmpty && status == .exited(0))
        }
    }

    @Test("exits with 1 when it is refused, with 64 for wrong usage, with 69 without a daemon")
    func failures() async throws {
        try await withControlServer { stand in
            stand.service.answers.update { $0.failure = ControlError.refused(reason: "no") }
            let refused = try await run("--socket", stand.path, "stats")
            #expect(refused.output.isEmpty && refused.errors == ["jobqueuectl: no"])
            #expect(refused.status == .exited(1))
        }
        let usage = try await run("enqueue")
        #expect(
            usage.errors == [
                "jobqueuectl: enqueue needs the job's type: --type NAME",
                "Try: jobqueuectl --help",
            ])
        #expect(usage.output.isEmpty && usage.status == .exited(64))
        let nobody = try await run("stats", environment: ["JQ_CONTROL": "/none/control.sock"])
        #expect(nobody.errors.first?.contains("no daemon answers at /none/control.sock") == true)
        #expect(nobody.output.isEmpty && nobody.status == .exited(69))
    }

    @Test("takes a payload on standard input")
    func standardInput() async throws {
        try await withControlServer { stand in
            let (output, _, status) = try await run(
                "enqueue", "--type", "t", "--payload", "-",
                environment: ["JQ_CONTROL": stand.path], input: "{\"user\": 42}\n")
            #expect(output == ["j1"] && status == .exited(0))
            var order = EnqueueOrder(type: "t")
            order.payload = #"{"user": 42}"#
            order.count = 1
            #expect(stand.service.calls.value == [.enqueue(order)])
        }
    }

    @Test("a reader that has seen enough is no failure")
    func head() async throws {
        try await withControlServer { stand in
            let script =
                "'\(ChildProcess.productsDirectory)/jobqueuectl' enqueue --type t --count 100000 "
                + "| head -n 1; echo ${PIPESTATUS[0]}"
            let shell = try ChildProcess(
                "/bin/bash", ["-c", script], environment: ["JQ_CONTROL": stand.path])
            try await shell.waitForEndOfOutput(within: .seconds(120))
            #expect(shell.standardOutput == ["j1", "0"])
            #expect(shell.standardError.isEmpty)
        }
    }

    @Test("an output that cannot be written is a failure")
    func fullDisk() async throws {
        let script = "'\(ChildProcess.productsDirectory)/jobqueuectl' --help > /dev/full"
        let shell = try ChildProcess("/bin/bash", ["-c", script])
        #expect(try await shell.waitForEndOfOutput(within: .seconds(60)) == .exited(1))
        #expect(
            shell.standardError
                == ["jobqueuectl: cannot write a line: No space left on device"])
    }
}
