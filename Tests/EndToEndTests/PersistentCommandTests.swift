import Foundation
import TestSupport
import Testing

@Suite("Commands that run on")
struct PersistentCommandTests {
    /// The program in the manual.
    private static let example: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let path = root.appendingPathComponent("docs/handlers.md").path
        let manual = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let parts = manual.components(separatedBy: "```")
        return parts.first { $0.hasPrefix("python\n") }.map { String($0.dropFirst(7)) } ?? ""
    }()

    @Test("the manual's example runs jobs, in one process, and says what it cannot do")
    func example() async throws {
        let place = try CommandPlace()
        try place.handler("mail:*", Self.example, more: "Mode=persistent\nConcurrency=1")
        let daemon = try await place.daemon()
        for number in 1...20 {
            try await daemon.done(
                "enqueue", "--type", "mail:welcome", "--payload", #"{"to": "nr. \#(number)"}"#)
        }
        try await daemon.done("enqueue", "--type", "mail:bad", "--id", "bad", "--payload", "{}")
        try await daemon.done(
            "enqueue", "--type", "mail:worse", "--id", "worse", "--payload", "7",
            "--max-attempts", "1")
        await eventually(equals: 20) { try daemon.processed() }
        await eventually(equals: 2) { try daemon.dead() }
        #expect(daemon.children().count == 1)
        #expect(
            daemon.log.contains {
                $0.contains("writing to nr. 7") && $0.contains("type=mail:welcome")
            })
        let bad = try await daemon.done("dead", "show", "bad")
        #expect(bad.contains { $0.contains("nobody to write to") }, "\(bad)")
        let worse = try await daemon.done("dead", "show", "worse")
        #expect(worse.contains { $0.contains("TypeError") }, "\(worse)")
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test(
        "a process that is killed, or silent, costs its job an attempt, and the job is done by another"
    )
    func faults() async throws {
        let place = try CommandPlace()
        let came = place.directory.file("godot")
        try place.handler(
            "mail:*",
            """
            #!/usr/bin/python3
            import json, os, sys
            for line in sys.stdin:
                job = json.loads(line)
                if job["attempt"] == 1 and job["type"] == "mail:dies": os.abort()
                print('{"ok": true}', flush=True)
            """, more: "Mode=persistent\nRetryBase=10ms\nRetryMax=10ms")
        // On a busy machine an attempt may be over before its process has begun: it hangs until one was seen
        // to have been silent.
        try place.handler(
            "hangs",
            """
            #!/usr/bin/python3
            import os, sys, time
            for line in sys.stdin:
                if not os.path.exists("\(came)"):
                    print("waiting for godot", file=sys.stderr)
                    time.sleep(1000)
                print('{"ok": true}', flush=True)
            """, more: "Mode=persistent\nTimeout=1s\nRetryBase=10ms\nRetryMax=10ms")
        let daemon = try await place.daemon()
        for type in ["mail:dies", "mail:fine", "hangs"] {
            try await daemon.done("enqueue", "--type", type)
        }
        for reason in [
            "killed by SIGABRT without an answer", "timed out after 1s: waiting for godot",
        ] {
            try await daemon.child.line(containing: reason)
        }
        #expect(FileManager.default.createFile(atPath: came, contents: nil))
        await eventually(equals: 3) { try daemon.processed() }
        #expect(try await daemon.drain() == .exited(0))
    }

    private static let tells = """
        #!/usr/bin/python3
        import os, sys
        for line in sys.stdin: print('{"ok": true}', flush=True)
        print("goodbye", file=sys.stderr)
        """

    @Test("a drain lets them leave")
    func drain() async throws {
        let place = try CommandPlace()
        try place.handler("mail", Self.tells, more: "Mode=persistent")
        let daemon = try await place.daemon()
        try await daemon.done("enqueue", "--type", "mail")
        await eventually(equals: 1) { try daemon.processed() }
        let children = daemon.children()
        #expect(children.count == 1)
        #expect(try await daemon.drain() == .exited(0))
        #expect(daemon.log.contains { $0.contains("mail: goodbye") })
        for child in children { await eventually { kill(child, 0) != 0 } }
    }

    @Test("they die with a daemon that is killed, idle or not")
    func killedDaemon() async throws {
        let place = try CommandPlace()
        try place.handler("mail", Self.tells, more: "Mode=persistent")
        try place.command("sleep", "/bin/sleep 1000")
        let daemon = try await place.daemon()
        try await daemon.done("enqueue", "--type", "mail")
        try await daemon.done("enqueue", "--type", "sleep")
        await eventually(equals: 1) { try daemon.processed() }
        await eventually(equals: 2) { daemon.children().count }
        let children = daemon.children()
        try await daemon.kill()
        for child in children { await eventually { kill(child, 0) != 0 } }
    }

    private static let tellsVersion = """
        #!/usr/bin/python3
        import json, os, sys, time
        for line in sys.stdin:
            job = json.loads(line)
            while job["payload"] and not os.path.exists(job["payload"]): time.sleep(0.02)
            print(json.dumps({"ok": True, "result": VERSION}), flush=True)

        """

    @Test(
        "a reload replaces those whose script has changed, and tells it; a busy one after its job")
    func changedScript() async throws {
        let place = try CommandPlace()
        let gate = place.directory.file("gate")
        func write(_ version: String) throws {
            try place.directory.write(
                Self.tellsVersion.replacing("VERSION", with: "\"\(version)\""), to: "next.py")
            _ = rename(place.directory.file("next.py"), place.directory.file("work.py"))
        }
        try write("old")
        try place.command(
            "work", "/usr/bin/python3 \(place.directory.file("work.py"))",
            more: "Mode=persistent\nConcurrency=2")
        let daemon = try await place.daemon()
        func run(_ payload: String = "null") async throws -> [String] {
            try await daemon.done(
                "enqueue", "--type", "work", "--payload", payload, "--retention", "1h", "--wait")
        }
        #expect(try await run() == ["\"old\""])
        let idle = daemon.children()
        #expect(try await daemon.done("reload") == ["reloaded"])
        #expect(daemon.children() == idle)
        async let busy = run("\"\(gate)\"")
        await eventually { try daemon.metric("jobqueue_slots_busy") == 1 }
        try write("new version")
        let answer = try await daemon.control("reload")
        #expect(answer.output == ["reloaded"])
        #expect(
            answer.errors.first?.contains("work.py has changed; its processes are replaced")
                == true,
            "\(answer.errors)")
        #expect(try await run() == ["\"new version\""])
        try place.directory.write("", to: "gate")
        #expect(try await busy == ["\"old\""])
        await eventually { idle.allSatisfy { kill($0, 0) != 0 } }
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("one that closes its output can never answer: its job fails at once, and it is replaced")
    func closedOutput() async throws {
        let place = try CommandPlace()
        try place.handler(
            "closes",
            """
            #!/bin/sh
            read line
            exec >&-
            echo "said before" >&2
            sleep 1000
            """, more: "Mode=persistent\nMaxAttempts=1")
        let daemon = try await place.daemon()
        try await daemon.done("enqueue", "--type", "closes")
        try await daemon.child.line(
            containing:
                "job is dead after attempt 1 of 1: it closed its standard output without an "
                + "answer: said before")
        await eventually { daemon.children().isEmpty }
        #expect(try await daemon.drain() == .exited(0))
    }
}
