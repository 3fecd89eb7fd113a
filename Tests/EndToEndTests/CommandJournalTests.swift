import TestSupport
import Testing

@Suite("A command's lines in the journal")
struct CommandJournalTests {
    @Test(
        "each line on standard error carries the job for which it was written, and its level",
        .enabled(if: PrivateJournal.isPossible, "needs root, to put a socket in its place"),
        arguments: ["once", "persistent"])
    func fields(mode: String) async throws {
        let place = try CommandPlace()
        try place.handler(
            "mail:*",
            """
            #!/usr/bin/python3
            import json, os, sys
            for line in sys.stdin:
                job = json.loads(line)
                name = os.environ.get("JOB_ID") or job["id"]
                attempt = os.environ.get("JOB_ATTEMPT") or job["attempt"]
                print(f"<3>grave {name} {attempt}", file=sys.stderr)
                print(f"plain {name} {attempt}\\nlast {name} {attempt}", file=sys.stderr)
                if attempt in (1, "1"): os._exit(1)
                print('{"ok": true}', flush=True)
            """, more: "Mode=\(mode)\nConcurrency=3\nRetryBase=10ms\nRetryMax=10ms")
        let journal = try JournalSocket()
        let daemon = try await place.daemon(launcher: journal.launcher)
        var entries: [[String: String]] = []
        func count(_ beginning: String) -> Int {
            entries += journal.takeEntries()
            return entries.count { $0["MESSAGE"]?.hasPrefix(beginning) == true }
        }
        await eventually { count("ready:") > 0 }
        for number in 1...5 {
            try await daemon.done(
                "enqueue", "--type", "mail:t\(number)", "--id", "j\(number)", "--payload", "{}")
        }
        await eventually(equals: 10) { count("last j") }
        #expect(try await daemon.drain() == .exited(0))
        entries += journal.takeEntries()
        for number in 1...5 {
            for attempt in 1...2 {
                for (word, priority) in [("grave", "3"), ("plain", "6"), ("last", "6")] {
                    let message = "\(word) j\(number) \(attempt)"
                    let lines = entries.filter { $0["MESSAGE"] == message }
                    #expect(lines.count == 1, "\(message)")
                    #expect(lines.first?["JOB_ID"] == "j\(number)")
                    #expect(lines.first?["JOB_TYPE"] == "mail:t\(number)")
                    #expect(lines.first?["JOB_QUEUE"] == "default")
                    #expect(lines.first?["JOB_ATTEMPT"] == "\(attempt)")
                    #expect(lines.first?["PRIORITY"] == priority)
                }
            }
        }
        #expect(daemon.log.isEmpty)
    }
}
