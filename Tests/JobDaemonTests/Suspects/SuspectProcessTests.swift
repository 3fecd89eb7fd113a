import ChildProcesses
import JobQueue
import Synchronization
import TestSupport
import Testing

@testable import JobDaemon

@Suite("What the process of a suspect comes to", .timeLimit(.minutes(5)))
struct SuspectProcessTests {
    private let log = Lines()

    /// Runs a job in a process that is a script, in place of the daemon's program.
    private func run(_ script: String) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("program")
        try await withEventLoop { loop in
            let processes = try ChildProcesses(loop: loop)
            // Written by another process: one that is started here meanwhile would hold the file open,
            // and what is being written cannot be started.
            var writer = ChildCommand(
                "/bin/sh", ["-c", "/bin/cat >\(path); /bin/chmod 755 \(path)"])
            writer.input = Array("#!/bin/sh\n\(script)\n".utf8)
            _ = try await processes.run(writer)
            let suspects = SuspectProcess(
                processes: processes, environment: ["A": "1", "NOTIFY_SOCKET": "/nowhere"],
                options: DaemonOptions(), executable: path)
            let job = Job(
                id: try #require(JobID("a")), type: try #require(JobType("work")), queue: .default,
                payload: Payload(Array(#"{"text":"ä\n\u0000"}"#.utf8)), attempt: 1, maxAttempts: 5)
            let context = JobContext(log: Logger(sink: log, job: job), timeout: .seconds(60))
            try await suspects.run(job, context, losses: 2)
        }
    }

    @Test("an answer counts, whatever a site's program has printed before and how it ends after")
    func answer() async throws {
        try await run(#"echo welcome; echo begun; echo '{"done":{}}'; kill -SEGV $$"#)
        let skip = await #expect(throws: SkipRetry.self) {
            try await run(#"echo begun; echo '{"failedForGood":{"reason":"no user"}}'"#)
        }
        #expect(skip?.description == "no user")
        let retry = await #expect(throws: RetryAfter.self) {
            try await run(
                #"echo begun; echo '{"failedFor":{"milliseconds":1500,"reason":"quota"}}'"#)
        }
        #expect(retry?.delay == .milliseconds(1500))
        #expect(retry?.description == "quota")
        let failure = await #expect(throws: SuspectFailure.self) {
            try await run(#"echo begun; echo '{"failed":{"reason":"no paper"}}'"#)
        }
        #expect(failure?.description == "no paper")
    }

    @Test(
        "a process that ends in its handler without an answer is that job's end",
        arguments: [
            ("kill -SEGV $$", "killed by SIGSEGV"), ("exit 0", "exited with status 0"),
            (#"printf '{"do'; exit 3"#, "exited with status 3"),
        ])
    func noAnswer(end: String, reason: String) async throws {
        let skip = await #expect(throws: SkipRetry.self) { try await run("echo begun; \(end)") }
        #expect(skip?.description.hasPrefix("\(reason) in a process of its own") == true)
        #expect(skip?.description.contains("2 daemons") == true)
    }

    @Test(
        "a process that ends before its handler began is no fault of the job's: it is tried again")
    func notBegun() async throws {
        for end in ["exit 127", "kill -KILL $$", "echo welcome; exit 1"] {
            let failure = await #expect(throws: SuspectFailure.self) { try await run(end) }
            #expect(failure?.description.contains("before the handler began") == true)
        }
    }

    @Test("an answer counts behind megabytes that a site's program has printed")
    func talkative() async throws {
        try await run(#"yes welcome | head -c 3000000; echo; echo begun; echo '{"done":{}}'"#)
    }

    @Test("what it said last is kept with its end")
    func lastWords() async throws {
        let skip = await #expect(throws: SkipRetry.self) {
            try await run("echo begun; echo 'Fatal error: index out of range' >&2; kill -ILL $$")
        }
        #expect(skip?.description.hasSuffix(": Fatal error: index out of range") == true)
    }

    @Test("what its handler logs and prints comes with the job's fields, at its level")
    func lines() async throws {
        try await run(
            #"echo '<4>mind this' >&2; echo printed >&2; echo begun; echo '{"done":{}}'"#)
        #expect(log.records.map(\.message) == ["mind this", "printed"])
        #expect(log.records.map(\.level) == [.warning, .info])
        #expect(log.records.allSatisfy { $0.fields.job?.description == "a" })
    }

    @Test(
        "it has the daemon's environment but for what the service manager says to the daemon alone")
    func environment() async throws {
        try await run(
            #"echo "$A|$NOTIFY_SOCKET|$1" >&2; echo begun; echo '{"done":{}}'"#)
        #expect(log.records.map(\.message) == ["1||--run-suspect"])
    }
}

/// Keeps what is logged.
private final class Lines: LogSink {
    private let kept = Mutex<[LogRecord]>([])
    let level = LogLevel.debug

    var records: [LogRecord] { kept.withLock { $0 } }

    func write(_ record: LogRecord) { kept.withLock { $0.append(record) } }
}
