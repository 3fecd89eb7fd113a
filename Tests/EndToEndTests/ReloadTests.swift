import Foundation
import TestSupport
import Testing

@Suite("Reading the configuration anew")
struct ReloadTests {
    /// A configuration with handler files, and a daemon on a file of jobs.
    private struct Place {
        let directory: TemporaryDirectory

        init() throws {
            directory = try TemporaryDirectory()
            try directory.write("", to: "jobqueued.conf")
            try FileManager.default.createDirectory(
                atPath: directory.file("handlers.d"), withIntermediateDirectories: true)
        }

        var out: String { directory.file("out") }
        var lines: [Substring] {
            ((try? String(contentsOfFile: out, encoding: .utf8)) ?? "").split(separator: "\n")
        }

        /// Has jobs of type `work` leave a line.
        func handler(_ line: String, more: String = "") throws {
            let script = try directory.write(
                "#!/bin/sh\necho \(line) >> \(out)\n", to: "script-\(line)", mode: 0o755)
            try directory.write(
                "[Handler]\nType=work\nExec=\(script)\n\(more)\n", to: "handlers.d/work.conf")
        }

        func daemon(_ environment: [String: String] = [:]) async throws -> DaemonProcess {
            try await .ready(
                "jobqueued", address: "sqlite:\(directory.file("jobs.db"))",
                ["--config", directory.file("jobqueued.conf"), "--kill-grace", "1s"],
                environment: environment)
        }
    }

    private func run(_ daemon: DaemonProcess) async throws -> DaemonProcess.Answer {
        try await daemon.control("enqueue", "--type", "work", "--max-attempts", "1", "--wait")
    }

    @Test("SIGHUP takes a new handler, a changed one, and one that has gone")
    func hangUp() async throws {
        let place = try Place()
        let daemon = try await place.daemon()
        #expect(try await run(daemon).errors.contains { $0.contains("no handler for type work") })
        for (number, line) in ["one", "two"].enumerated() {
            try place.handler(line)
            daemon.signal(SIGHUP)
            await eventually(equals: number + 1) {
                daemon.log.count { $0.contains("was read anew (SIGHUP)") }
            }
            #expect(try await run(daemon).status == .exited(0))
        }
        #expect(place.lines == ["one", "two"])
        #expect(try daemon.metric(#"jobqueue_jobs_processed_total{type="work"}"#) == 2)
        try FileManager.default.removeItem(atPath: place.directory.file("handlers.d/work.conf"))
        try await daemon.done("reload")
        #expect(try await run(daemon).errors.contains { $0.contains("no handler for type work") })
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("a bad file changes nothing, and is told with its line, until it is mended")
    func badFile() async throws {
        let place = try Place()
        try place.handler("one")
        let daemon = try await place.daemon()
        try place.handler("two", more: "Timeout=soon")
        let answer = try await daemon.control("reload")
        #expect(answer.status == .exited(1))
        let file = place.directory.file("handlers.d/work.conf")
        #expect(answer.errors.first?.hasPrefix("\(file):4: ") == true, "\(answer.errors)")
        #expect(daemon.log.contains { $0.contains("\(file):4: ") })
        #expect(try await run(daemon).status == .exited(0))
        #expect(place.lines == ["one"])
        try place.handler("two")
        #expect(try await daemon.done("reload") == ["reloaded"])
        #expect(try await run(daemon).status == .exited(0))
        #expect(place.lines == ["one", "two"])
    }

    @Test("a job that runs goes on as it began, whatever becomes of its handler")
    func runningJob() async throws {
        let place = try Place()
        let gate = place.directory.file("gate")
        let script = try place.directory.write(
            "#!/bin/sh\necho begun >> \(place.out)\n"
                + "while ! [ -e \(gate) ]; do sleep 0.05; done\necho old >> \(place.out)\n",
            to: "slow", mode: 0o755)
        try place.directory.write(
            "[Handler]\nType=work\nExec=\(script)\n", to: "handlers.d/work.conf")
        let daemon = try await place.daemon()
        async let slow = run(daemon)
        await eventually { place.lines == ["begun"] }
        try place.handler("new")
        try await daemon.done("reload")
        #expect(try await run(daemon).status == .exited(0))
        try place.directory.write("", to: "gate")
        #expect(try await slow.status == .exited(0))
        #expect(place.lines == ["begun", "new", "old"])
    }

    @Test("what cannot change while the daemon works is named; the rest holds at once")
    func restartNeeded() async throws {
        let place = try Place()
        let daemon = try await place.daemon()
        try place.directory.write(
            "[Daemon]\nConcurrency=3\nLogLevel=debug\n[Retry]\nMaxAttempts=1\n",
            to: "jobqueued.conf")
        let answer = try await daemon.control("reload")
        #expect(answer.status == .exited(0))
        #expect(answer.errors == ["[Daemon] Concurrency: what is new holds after a restart"])
        try await daemon.done("enqueue", "--type", "work")
        await eventually("a line of level debug, or of the job") {
            daemon.log.contains { $0.contains("no handler for type work") }
        }
    }

    @Test("a refused reload stays in the status line and in the metrics until one succeeds")
    func refusedStays() async throws {
        let place = try Place()
        let notify = try NotifySocket()
        let daemon = try await place.daemon(notify.environment)
        let good = "jobqueue_config_last_reload_successful"
        let since = "jobqueue_config_last_reload_success_timestamp_seconds"
        let start = try #require(try daemon.metric(since))
        #expect(try daemon.metric(good) == 1 && start > 1_700_000_000)
        try place.handler("one", more: "Timeout=soon")
        #expect(try await daemon.control("check").status == .exited(1))
        #expect(try daemon.metric(good) == 1)
        #expect(try await daemon.control("reload").status == .exited(1))
        #expect(try daemon.metric(good) == 0)
        #expect(try daemon.metric(since) == start)
        // The line that comes every few seconds has it, too.
        try await notify.message(containing: " ms; the configuration has errors")
        try place.handler("one")
        #expect(try await daemon.done("check") == ["the configuration is good"])
        #expect(try await daemon.done("reload") == ["reloaded"])
        #expect(try daemon.metric(good) == 1)
        #expect(try #require(try daemon.metric(since)) > start)
        #expect(try await run(daemon).status == .exited(0))
    }

    @Test("a daemon that stops reads nothing anew, and says why")
    func stopping() async throws {
        let place = try Place()
        try place.handler("one")
        let gate = place.directory.file("gate")
        let script = try place.directory.write(
            "#!/bin/sh\necho begun >> \(place.out)\nwhile ! [ -e \(gate) ]; do sleep 0.05; done\n",
            to: "slow", mode: 0o755)
        try place.directory.write(
            "[Handler]\nType=work\nExec=\(script)\n", to: "handlers.d/work.conf")
        let daemon = try await place.daemon()
        try await daemon.done("enqueue", "--type", "work")
        await eventually { place.lines == ["begun"] }
        daemon.signal(SIGTERM)
        try await daemon.child.line(containing: "draining")
        let answer = try await daemon.control("reload")
        #expect(answer.status == .exited(1))
        #expect(answer.errors == ["jobqueuectl: the daemon is stopping"])
        try place.directory.write("", to: "gate")
        #expect(try await daemon.child.waitForEndOfOutput() == .exited(0))
        #expect(!daemon.log.contains { $0.contains("has errors") })
    }

    @Test("the service manager hears when a reload begins and when it is over")
    func notifications() async throws {
        let place = try Place()
        let notify = try NotifySocket()
        let daemon = try await place.daemon(notify.environment)
        try await notify.message(containing: "READY=1")
        daemon.signal(SIGHUP)
        let reloading = try await notify.message(containing: "RELOADING=1")
        #expect(reloading.contains("MONOTONIC_USEC="))
        try await notify.message(containing: "READY=1", number: 2)
    }
}
