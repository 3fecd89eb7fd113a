import Foundation
import TestSupport
import Testing

/// `systemd/enqueue-slot` as it is shipped, with a client that says what it was asked for, and a clock that a
/// test sets.
@Suite("A job by the calendar")
struct EnqueueSlotTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try program("jobqueuectl", "for word; do printf '%s\\n' \"$word\"; done; exit ${STATUS:-0}")
        // `date --utc +FORMAT` is what time it is.
        try program("date", "shift; exec /bin/date --utc --date=\"$NOW\" \"$1\"")
        try program("systemctl", "printf '%s\\n' \"$TIMER\"")
    }

    private func program(_ name: String, _ text: String) throws {
        let path = try directory.write("#!/bin/sh\n\(text)\n", to: name)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    private struct Run {
        let words: [String]
        let errors: String
        let status: ChildProcess.ExitStatus

        var id: String? { value("id") }
        func value(_ flag: String) -> String? {
            words.first { $0.hasPrefix("--\(flag)=") }.map { String($0.dropFirst(flag.count + 3)) }
        }
    }

    private func run(
        _ lines: [String], name: String = "job", now: String = "2026-02-03 09:00:00",
        timer: String = "TimersCalendar=", status: Int = 0
    ) async throws -> Run {
        let file = try directory.write(lines.joined(separator: "\n"), to: "file.conf")
        let (words, errors, end) = try await output(
            of: "/bin/sh", [PackageFile.path("systemd/enqueue-slot"), name, file],
            environment: [
                "PATH": "\(directory.path):/usr/bin:/bin", "NOW": now, "TIMER": timer,
                "STATUS": "\(status)",
            ])
        return Run(words: words, errors: errors.joined(separator: "\n"), status: end)
    }

    @Test(
        "the slot is that of the elapse that was due, not of the present",
        arguments: [
            // A host that was off, and is back before the next elapse.
            ("*-*-* 03:00:00 UTC", "%Y-%m-%d", "2026-02-05 01:00", "job-2026-02-04"),
            ("*-*-* 03:00:00 UTC", "%Y-%m-%d", "2026-02-05 02:59:59", "job-2026-02-04"),
            ("*-*-* 03:00:00 UTC", "%Y-%m-%d", "2026-02-05 03:00:00", "job-2026-02-05"),
            // The daemon was away over midnight.
            ("*-*-* 23:00:00 UTC", "%Y-%m-%d", "2026-02-06 00:10", "job-2026-02-05"),
            ("*-*-01 03:00:00 UTC", "%Y-%m", "2026-02-01 01:00", "job-2026-01"),
            ("Mon *-*-* 00:00:00 UTC", "%G-W%V", "2026-02-08 23:59", "job-2026-W06"),
            ("*-02-29 UTC", "%Y", "2027-06-01", "job-2024"),
            ("*:0/1 UTC", "%H%M", "2026-02-05 01:02:59", "job-0102"),
            ("Mon..Fri *-*-* 09..17:*:* UTC", "%dT%H:%M:%S", "2026-02-08 12:00", "job-06T17-59-59"),
        ])
    func slots(calendar: String, slot: String, now: String, id: String) async throws {
        let byFile = try await run(
            ["TYPE=t", "SLOT=\(slot)", "CALENDAR=\(calendar)"], now: now)
        #expect(byFile.id == id, "\(byFile.errors)")
        let byTimer = try await run(
            ["TYPE=t", "SLOT=\(slot)"], now: now,
            timer:
                "TimersCalendar={ OnCalendar=\(calendar) ; next_elapse=Tue 2026-12-01 03:00:00 UTC }"
        )
        #expect(byTimer.id == id, "\(byTimer.errors)")
    }

    @Test("of several calendars the last elapse of all counts; without one it is the present")
    func calendars() async throws {
        let two = ["TYPE=t", "SLOT=%H", "CALENDAR=*-*-* 03:00 UTC", "CALENDAR=*-*-* 05:00 UTC"]
        #expect(try await run(two, now: "2026-02-05 04:00").id == "job-03")
        #expect(try await run(two, now: "2026-02-05 06:00").id == "job-05")
        #expect(try await run(["TYPE=t", "SLOT=%H"], now: "2026-02-05 04:30").id == "job-04")
    }

    @Test(
        "the id is remembered for longer than its slot lasts",
        arguments: [
            ("%Y-%m-%d", "CALENDAR=*-*-* 03:00:00 UTC", 2, 10),
            ("%G-W%V", "CALENDAR=Mon UTC", 8, 20),
            ("%Y-%m", "CALENDAR=*-*-01 UTC", 32, 40), ("%Y", "CALENDAR=*-01-01 UTC", 367, 380),
            ("%Y", "CALENDAR=*-02-29 UTC", 1462, 1826), ("%Y-%m", "", 32, 40), ("%s", "", 1, 10),
            // Coarser than the calendar, by mistake.
            ("%Y-%m", "CALENDAR=*-*-* 03:00:00 UTC", 32, 40), ("once", "", 1826, 1826),
        ])
    func lifetimes(slot: String, calendar: String, least: Int, most: Int) async throws {
        let run = try await run(["TYPE=t", "SLOT=\(slot)", calendar])
        let days = try #require(run.value("remember").flatMap { Int($0.dropLast()) })
        #expect(run.value("remember")?.hasSuffix("d") == true)
        #expect((least...most).contains(days), "\(days)")
        let own = try await self.run(["TYPE=t", "SLOT=\(slot)", calendar, "REMEMBER=90m"])
        #expect(own.value("remember") == "90m")
    }

    @Test(
        "a payload arrives byte for byte",
        arguments: [
            #"{"text":"one\nnew"}"#, #"{"path":"C:\\temp"}"#, #"{"say":"\"hi\""}"#,
            #"{"u":"\u00e9ä"}"#,
            #""hello""#, #"{"re":"\\d+","s":"it's $HOME `id` %d  two"}"#, "-1", "[]",
        ])
    func payloads(payload: String) async throws {
        let run = try await run(["TYPE=t", "SLOT=%Y", "PAYLOAD=\(payload)"])
        #expect(run.value("payload") == payload)
        // As files have it that were written for a reader that takes backslashes away.
        let quoted = try await self.run(["TYPE=t", "SLOT=%Y", "PAYLOAD='\(payload)'"])
        #expect(quoted.value("payload") == payload)
    }

    @Test("every key of the file becomes what it is for")
    func keys() async throws {
        let run = try await run([
            "# TYPE=no", "; no", "", " TYPE = \"report:daily\" \r", "SLOT='%Y'", "QUEUE=reports",
            "PAYLOAD_FILE=/a b", "MAX_ATTEMPTS=5", "TIMEOUT=1h 30m", "RETENTION=7d", "DELAY=30s",
            "UNIQUE=a key",
        ])
        #expect(run.status == .exited(0), "\(run.errors)")
        #expect(
            run.words == [
                "enqueue", "--type=report:daily", "--id=job-2026", "--remember=373d",
                "--queue=reports", "--payload=@/a b", "--max-attempts=5", "--timeout=1h 30m",
                "--retention=7d", "--delay=30s", "--unique=a key",
            ])
    }

    @Test("a name becomes part of an id as the slot does; one that is too long is a mistake")
    func names() async throws {
        let lines = ["TYPE=t", "SLOT=%Y-%m-%dT%H:%M"]
        #expect(try await run(lines, name: "db.backup@ä").id == "db-backup----2026-02-03T09-00")
        let long = try await run(lines, name: String(repeating: "x", count: 50))
        #expect(long.status == .exited(64))
        #expect(long.errors.contains("64 is the most"))
        #expect(long.words.isEmpty)
    }

    @Test(
        "a mistake in the file ends with 64, in words",
        arguments: [
            (["TYPE=t"], "must give TYPE= and SLOT="), (["SLOT=%Y"], "must give TYPE= and SLOT="),
            (["TYPE=t", "SLOT=%Y", "PAYLAOD={}"], "there is no key PAYLAOD="),
            (["TYPE=t", "SLOT=%Y", "nonsense"], "'nonsense' is not KEY=VALUE"),
            (["TYPE=t", "SLOT=%Y", "CALENDAR=sometimes"], "sometimes"),
        ])
    func mistakes(lines: [String], message: String) async throws {
        let run = try await run(lines)
        #expect(run.status == .exited(64))
        #expect(run.errors.hasPrefix("<3>") && run.errors.contains(message), "\(run.errors)")
        #expect(run.words.isEmpty)
    }

    @Test(
        "a slot that was enqueued before is no failure; what the client says of the job is handed on",
        arguments: [(0, 0), (3, 0), (4, 0), (64, 64), (65, 65), (69, 69), (1, 1)])
    func statuses(client: Int, own: Int32) async throws {
        let run = try await run(["TYPE=t", "SLOT=%Y"], status: client)
        #expect(run.status == .exited(own))
    }

    @Test("the unit hands the file over as it is, and does not try again what cannot be mended so")
    func unit() throws {
        let lines = try PackageFile.text("systemd/jobqueue-enqueue@.service").split(separator: "\n")
        #expect(lines.contains("LoadCredential=enqueue:/etc/jobqueued/enqueue.d/%i.conf"))
        #expect(lines.contains("RestartPreventExitStatus=64 65 243"))
        #expect(!lines.contains { $0.hasPrefix("EnvironmentFile=") })
    }

    @Test("the example of a file gives what the example of a timer is about")
    func example() async throws {
        let lines = try PackageFile.text("systemd/examples/daily-report.conf")
            .split(separator: "\n").map(String.init)
        #expect(try await run(lines, name: "daily-report").id == "daily-report-2026-02-03")
        // Every key that it names only.
        let all = lines.map {
            $0.hasPrefix("#") && $0.contains("=") && !$0.contains(": ") && !$0.hasPrefix("# ")
                ? String($0.dropFirst()) : $0
        }
        let run = try await run(all, name: "daily-report")
        #expect(run.status == .exited(0), "\(run.errors)")
        #expect(run.id == "daily-report-2026-02-03")
    }
}
