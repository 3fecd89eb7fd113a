import Foundation
import TestSupport
import Testing

@Suite("Commands as handlers")
struct CommandTests {
    @Test("a shell script, a Python script and a program run jobs, and find what they need to know")
    func threeKinds() async throws {
        let place = try CommandPlace()
        let out = place.directory.file("out")
        try place.handler(
            "mail:shell",
            """
            #!/bin/sh
            { env | sort; cat; } > \(out).new
            mv \(out).new \(out)
            """, more: "Environment=GREETING=\"good morning\"")
        try place.handler(
            "mail:python",
            """
            #!/usr/bin/python3
            import json, sys
            open("\(out).py", "w").write(str(json.load(sys.stdin)["n"] + 1))
            """)
        try place.command("mail:program", "/usr/bin/tee \(out).tee")
        let daemon = try await place.daemon()
        let payload = #"{"n": 41, "text": "$(touch /tmp/x) -rf \u0000"}"#
        for type in ["mail:shell", "mail:python", "mail:program"] {
            try await daemon.done(
                "enqueue", "--type", type, "--id", "j1-\(type.suffix(3))", "--payload", payload)
        }
        await eventually(equals: 3) { try daemon.processed() }
        let seen = try #require(place.text("out")).split(separator: "\n").map(String.init)
        #expect(seen.last == payload)
        let variables = Set(seen.dropLast())
        #expect(
            variables.isSuperset(of: [
                "JOB_ID=j1-ell", "JOB_TYPE=mail:shell", "JOB_QUEUE=default", "JOB_ATTEMPT=1",
                "JOB_MAX_ATTEMPTS=25", "GREETING=good morning",
            ]))
        #expect(!variables.contains { $0.hasPrefix("NOTIFY_SOCKET") || $0.contains("rf") })
        #expect(place.text("out.py") == "42")
        #expect(place.text("out.tee") == payload)
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("how a command ends decides what becomes of its job, and the reason is kept")
    func ends() async throws {
        let place = try CommandPlace()
        try place.handler(
            "end:*",
            """
            #!/bin/sh
            echo "<3>this is why" >&2
            case $JOB_TYPE in
            end:dead) exit 65 ;;
            end:mine) exit 7 ;;
            end:segv) kill -SEGV $$ ;;
            end:late) exec sleep 60 ;;
            end:again) exit 75 ;;
            esac
            """, more: "SuccessExitStatus=7\nTimeout=5s\nMaxAttempts=1")
        try place.command("gone", place.directory.file("gone"), more: "MaxAttempts=1")
        try place.directory.write("#!/nowhere/at-all\n", to: "gone", mode: 0o755)
        let daemon = try await place.daemon()
        let dead = ["dead", "segv", "late", "again"]
        for type in dead + ["mine", "fine"] {
            try await daemon.done("enqueue", "--type", "end:\(type)", "--id", type)
        }
        try await daemon.done("enqueue", "--type", "gone", "--id", "gone")
        await eventually(equals: 2) { try daemon.processed() }
        await eventually(equals: 5) {
            try daemon.metric(#"jobqueue_jobs{queue="default",state="dead"}"#)
        }
        for (id, reason) in [
            ("dead", "exit 65: this is why"), ("segv", "killed by SIGSEGV: this is why"),
            ("late", "timed out after 5s: this is why"), ("again", "exit 75: this is why"),
            ("gone", "the interpreter that its first line names does not exist"),
        ] {
            let shown = try await daemon.done("dead", "show", id)
            #expect(shown.contains { $0.contains(reason) }, "\(id): \(shown)")
        }
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("a command runs where its file says, as nicely, and may take no more of the machine")
    func limits() async throws {
        let place = try CommandPlace()
        let out = place.directory.file("out")
        let script = """
            #!/bin/sh
            { pwd; nice; ulimit -v; ulimit -St; } > \(out)-$JOB_TYPE
            """
        try place.handler(
            "limited", script,
            more: "WorkingDirectory=/usr/share\nNice=4\nLimitAS=1G\nLimitCPU=2min")
        try place.handler("free", script)
        let daemon = try await place.daemon()
        #expect(!daemon.log.contains { $0.contains("does not apply") }, "\(daemon.log)")
        try await daemon.done("enqueue", "--type", "limited")
        try await daemon.done("enqueue", "--type", "free")
        await eventually(equals: 2) { try daemon.processed() }
        #expect(place.text("out-limited") == "/usr/share\n4\n1048576\n120\n")
        #expect(place.text("out-free")?.hasPrefix("/\n") == true)
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("what a command does not get, or leaves running, holds nothing up")
    func unread() async throws {
        let place = try CommandPlace()
        try place.command("deaf", "/bin/true")
        try place.handler(
            "stray", "#!/bin/sh\nsleep 1000 &\necho $! > \(place.directory.file("pid"))\n")
        let daemon = try await place.daemon()
        let payload = "\"" + String(repeating: "x", count: 200_000) + "\""
        try place.directory.write(payload, to: "payload")
        try await daemon.done(
            "enqueue", "--type", "deaf", "--payload", "@" + place.directory.file("payload"))
        try await daemon.done("enqueue", "--type", "stray")
        await eventually(equals: 2) { try daemon.processed() }
        let pid = try #require(place.text("pid")).trimmingCharacters(in: .whitespacesAndNewlines)
        await eventually { !FileManager.default.fileExists(atPath: "/proc/\(pid)") }
        #expect(try await daemon.drain() == .exited(0))
    }
}
