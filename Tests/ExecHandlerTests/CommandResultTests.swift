import ExecHandler
import JobQueue
import TestSupport
import Testing

@Suite("What a command leaves as its job's result")
struct CommandResultTests {
    /// What a job leaves that `body` runs; `nil`: nothing.
    private func left(
        in stand: CommandStand, _ body: (Job, JobContext) async throws -> Void
    ) async throws -> String? {
        let job = try stand.job()
        let kept = KeptResult()
        try await body(
            job,
            JobContext(
                log: Logger(sink: stand.log, job: job), timeout: .seconds(60), result: kept))
        return kept.payload?.text
    }

    @Test(
        "of one that is started for each job it is the output: JSON, or a text",
        arguments: [
            (#"echo '{"sum": 7}'"#, #"{"sum": 7}"#), ("echo two; echo lines", #""two\nlines\n""#),
            ("true", #""""#),
        ])
    func output(script: String, result: String) async throws {
        try await CommandStand.run { stand in
            let command = stand.once(try stand.definition("/bin/sh", ["-c", script]))
            #expect(try await left(in: stand) { try await command.run($0, $1) } == result)
        }
    }

    @Test("of much output the beginning is kept, and the rest taken")
    func longOutput() async throws {
        try await CommandStand.run { stand in
            let command = stand.once(
                try stand.definition("/bin/sh", ["-c", "head -c 3000000 /dev/zero | tr '\\0' x"]))
            let result = try await left(in: stand) { try await command.run($0, $1) }
            #expect(result == "\"" + String(repeating: "x", count: 64 * 1024) + "\"")
            _ = try await stand.log.line(
                containing:
                    "the result was cut: 3000000 bytes on standard output, and 65536 are kept")
        }
    }

    @Test("it is not kept where the file says so, and not of an attempt that failed")
    func dropped() async throws {
        try await CommandStand.run { stand in
            var definition = try stand.definition("/bin/echo", ["7"])
            definition.result = .drop
            let command = stand.once(definition)
            #expect(try await left(in: stand) { try await command.run($0, $1) } == nil)
            let failing = stand.once(
                try stand.definition("/bin/sh", ["-c", "echo 7; exit 1"]))
            let result = try await left(in: stand) { job, context in
                await #expect(throws: (any Error).self) { try await failing.run(job, context) }
            }
            #expect(result == nil)
        }
    }

    @Test("of one that runs on it is what its answer says")
    func answer() async throws {
        try await CommandStand.run { stand in
            let command = try stand.persistent(
                "for job in jobs(): answer(result={'sum': [1, 2]})")
            let result = try await left(in: stand) { try await command.run($0, $1) }
            #expect(result?.filter { $0 != " " } == #"{"sum":[1,2]}"#)
            await command.end()
        }
    }

    @Test("a result that is too long is dropped and told, and the job has succeeded")
    func longAnswer() async throws {
        try await CommandStand.run { stand in
            let command = try stand.persistent(
                "for job in jobs(): answer(result='x' * 70000)")
            #expect(try await left(in: stand) { try await command.run($0, $1) } == nil)
            _ = try await stand.log.line(containing: "it is not kept")
            await command.end()
        }
    }
}
