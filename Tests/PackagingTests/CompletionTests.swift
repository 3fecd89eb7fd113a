import Foundation
import TestSupport
import Testing

@Suite("Completion in bash")
struct CompletionTests {
    @Test("offers the commands, and the flags of the command that is there")
    func words() async throws {
        #expect(try await complete("jobqueuectl", "re") == ["reload", "requeue", "resume"])
        #expect(try await complete("jobqueuectl", "--j") == ["--json"])
        #expect(
            try await complete("jobqueuectl", "requeue", "--")
                == ["--all", "--help", "--instance", "--json", "--socket", "--type", "--version"])
        #expect(try await complete("jobqueuectl", "dead", "") == ["list", "show"])
        #expect(try await complete("jobqueuectl", "enqueue", "--type", "") == [])
        #expect(try await complete("jobqueued", "--q") == ["--queues"])
        #expect(try await complete("jobqueued", "--log-level", "n") == ["notice"])
    }

    @Test("offers files where a file is meant")
    func files() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("null", to: "payload.json")
        let beginning = directory.file("pay")
        #expect(try await complete("jobqueuectl", "import", beginning) == [file])
        #expect(
            try await complete("jobqueuectl", "enqueue", "--payload", "@\(beginning)")
                == ["@\(file)"])
    }

    @Test("offers the queues and the dead jobs of the daemon that answers")
    func names() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(
            address: redis.address, ["--queues", "critical,reports", "--demo"])
        try await daemon.done(
            "enqueue", "--type", "no:handler", "--queue", "reports", "--id", "lost-1")
        await eventually { try await daemon.done("dead").count == 2 }
        let socket = ["--socket", daemon.directory.file("control.sock")]
        #expect(
            try await complete(["jobqueuectl"] + socket + ["pause", ""]) == ["critical", "reports"])
        #expect(
            try await complete(["jobqueuectl"] + socket + ["dead", "--queue", "r"]) == ["reports"])
        for command in [["requeue"], ["delete"], ["show"], ["dead", "show"]] {
            #expect(
                try await complete(["jobqueuectl"] + socket + command + ["l"]) == ["lost-1"])
        }
    }

    private func complete(_ words: String...) async throws -> [String] {
        try await complete(words)
    }

    /// What bash offers when the last of these words is completed, sorted.
    private func complete(_ words: [String]) async throws -> [String] {
        let program = try #require(words.first)
        let script = """
            source "$1"; shift
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
            "_$1" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let (lines, errors, status) = try await output(
            of: "/bin/bash",
            [
                "-c", script, "bash",
                PackageFile.path("packaging/bash-completion/\(program)"),
            ] + words,
            environment: ["PATH": "\(ChildProcess.productsDirectory):/usr/bin:/bin"])
        #expect(errors == [] && status == .exited(0))
        return lines.filter { !$0.isEmpty }.sorted()
    }
}
