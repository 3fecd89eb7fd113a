import Foundation
import JobControl
import TestSupport
import Testing

@Suite("jobqueuectl when something is refused, not found or not understood")
struct ControlToolFailureTests {
    @Test("a job that holds the unique key is named, and that nothing was added")
    func duplicate() async throws {
        try await withControlServer { stand in
            stand.service.answers.update {
                $0.enqueued = [EnqueuedJob(id: "j\u{1B}9", isDuplicate: true)]
            }
            #expect(
                stand.tool("enqueue", "--type", "t", "--unique", "k")
                    == result(
                        "j\\u{1b}9\n",
                        errors: "job j\\u{1b}9 holds the unique key: nothing was added for it\n",
                        .duplicate))
        }
    }

    @Test("what stays as it was is told on standard error, and ends with 1")
    func partly() async throws {
        try await withControlServer { stand in
            stand.service.answers.update {
                $0.change = ControlChange(
                    changed: ["a"], unchanged: [.init(id: "b", reason: "it runs")],
                    of: .ids(["a", "b", "c"]))
            }
            #expect(
                stand.tool("delete", "a", "b", "c")
                    == result(
                        "deleted 1 job\n", errors: "b: it runs\nc: there is no such job\n",
                        .refused))
        }
    }

    @Test("a job that is not there ends with 1")
    func notFound() async throws {
        try await withControlServer { stand in
            let message = "jobqueuectl: there is no such job: x\\u{1b}\n"
            #expect(stand.tool("show", "x\u{1B}") == result("", errors: message, .refused))
            #expect(
                stand.tool("--json", "show", "x\u{1B}")
                    == result("{\n  \"jobs\" : [\n\n  ]\n}\n", errors: message, .refused))
        }
    }

    @Test("`dead show` shows a dead job alone, `show` one of any state")
    func showDead() async throws {
        try await withControlServer { stand in
            stand.service.answers.update {
                $0.found = [ControlJob(state: .pending, queue: "q", id: "j1")]
            }
            #expect(stand.tool("show", "j1").output.contains("state     pending"))
            #expect(stand.tool("dead", "show", "j1").status == .refused)
            stand.service.answers.update { $0.found.append(Sample.deadJob()) }
            let both = stand.tool("show", "j1").output
            #expect(both.contains("state     pending") && both.contains("state     dead"))
            let dead = stand.tool("dead", "show", "j1").output
            #expect(!dead.contains("pending") && dead.contains("error     out of luck"))
        }
    }

    @Test(
        "what the daemon refuses is told in its words, and ends with 1",
        arguments: [
            (ControlError.refused(reason: "no\nway"), "no\nway"),
            (.invalidJob(reason: "bad"), "the job is not acceptable: bad"),
            (
                .invalidJob(reason: "payload: malformed JSON at byte 0: no value"),
                "the job is not acceptable: payload: malformed JSON at byte 0: no value; a string "
                    + "needs its quotes: --payload '\"text\"'"
            ),
            (.brokerUnreachable(reason: "no Redis \u{1B}[2J"), "no Redis \\u{1b}[2J"),
            (
                .invalidParameter("limit"),
                "the parameter limit is missing, unknown, or has a value that it cannot have"
            ),
        ])
    func refused(error: ControlError, message: String) async throws {
        try await withControlServer { stand in
            stand.service.answers.update { $0.failure = error }
            for command in [["stats"], ["--json", "pause"], ["enqueue", "--type", "t"]] {
                let done = runTool(command, environment: ["JQ_CONTROL": stand.path])
                var status = ControlTool.ExitStatus.refused
                switch error {
                case .invalidJob: status = .badJob
                case .invalidParameter where command[0] == "enqueue": status = .badJob
                default: break
                }
                #expect(done == result("", errors: "jobqueuectl: \(message)\n", status))
            }
        }
    }

    @Test("what was done before a failure is told all the same, and the failure too")
    func failsMidway() async throws {
        try await withControlServer { stand in
            stand.service.answers.update { $0.failsFromCall = 2 }
            let failure = "jobqueuectl: no more\n"
            let ids = (0..<4_001).map { "j\($0)" }
            #expect(
                runTool(["requeue"] + ids, environment: ["JQ_CONTROL": stand.path])
                    == result("requeued 4,000 jobs\n", errors: failure, .refused))
        }
        try await withControlServer { stand in
            stand.service.answers.update { $0.failsFromCall = 3 }
            let done = stand.tool("enqueue", "--type", "t", "--count", "20001")
            #expect(done.output.count { $0 == "\n" } == 20_000)
            #expect(done.errors == "jobqueuectl: no more\n" && done.status == .refused)
        }
    }

    @Test("a payload that cannot be read is wrong usage, and nothing is enqueued")
    func badPayloads() async throws {
        try await withControlServer { stand in
            let missing = stand.tool("enqueue", "--type", "t", "--payload", "@/none")
            #expect(
                missing
                    == result(
                        "",
                        errors: "jobqueuectl: the payload cannot be read: cannot open /none: "
                            + "No such file or directory\nTry: jobqueuectl --help\n", .usage))
            let directory = try TemporaryDirectory()
            let directoryResult = stand.tool(
                "enqueue", "--type", "t", "--payload", "@\(directory.path)")
            #expect(directoryResult.status == .usage)
            let file = directory.file("binary")
            try Data([0x22, 0xFF, 0x22]).write(to: URL(fileURLWithPath: file))
            let binary = stand.tool("enqueue", "--type", "t", "--payload", "@\(file)")
            #expect(binary.status == .usage && binary.errors.contains("is not UTF-8"))
            let large = stand.tool(
                "enqueue", "--type", "t", "--payload", "-",
                input: String(repeating: "1", count: 3 << 20))
            #expect(large.status == .badJob && large.errors.contains("a frame at most 2097152"))
            #expect(stand.service.calls.value.isEmpty)
        }
    }

    @Test("wrong usage ends with 64, and says where help is")
    func usage() {
        #expect(
            runTool(["stat\u{1B}"], environment: ["JQ_CONTROL": "/none"])
                == result(
                    "",
                    errors: "jobqueuectl: there is no command stat\\u{1b}; did you mean stats?\n"
                        + "Try: jobqueuectl --help\n", .usage))
        let long = "/" + String(repeating: "x", count: 107)
        let done = runTool(["--socket", long, "stats"])
        #expect(done.status == .usage && done.errors.contains("has 108 bytes"))
    }

    @Test("an argument that is not UTF-8 is wrong usage, and nothing is enqueued")
    func badArgument() {
        let done = ControlTool.run(
            [
                Array("enqueue".utf8), Array("--type".utf8), [0x74], Array("--payload".utf8),
                [0x22, 0xFF, 0x22],
            ],
            in: .init(environment: [:], isTerminal: false, now: 0) { _ in [] })
        #expect(done.status == .usage && done.output.isEmpty)
        #expect(done.errors.contains("is not UTF-8"))
    }

    @Test("no daemon ends with 69, and says how to look for it")
    func noDaemon() {
        let message =
            "jobqueuectl: no daemon answers at /none/control.sock; is it running? See: systemctl "
            + "status jobqueued\n"
        for command in [["stats"], ["--json", "dead"], ["enqueue", "--type", "t"]] {
            #expect(
                runTool(["--socket", "/none/control.sock"] + command)
                    == result("", errors: message, .noDaemon))
        }
    }
}
