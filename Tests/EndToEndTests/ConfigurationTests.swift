import Foundation
import TestSupport
import Testing

@Suite("A daemon and its configuration files")
struct ConfigurationTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var main: String { directory.file("jobqueued.conf") }

    /// Writes the main file, and one handler file where there is to be one.
    private func write(_ text: String, handler: String? = nil) throws {
        try directory.write(text, to: "jobqueued.conf")
        guard let handler else { return }
        try FileManager.default.createDirectory(
            atPath: directory.file("handlers.d"), withIntermediateDirectories: true)
        try directory.write(handler, to: "handlers.d/mail.conf")
    }

    private func run(
        _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> (output: [String], errors: [String], status: ChildProcess.ExitStatus) {
        let process = try ChildProcess(
            product: "jobqueued", ["--config", main] + arguments, environment: environment)
        let status = try await process.waitForEndOfOutput()
        return (process.standardOutput, process.standardError, status)
    }

    @Test(
        "--check names everything that is wrong, in files, environment and flags, and ends with 78")
    func check() async throws {
        try write(
            "[Daemon]\nConcurrency=0\nConcurency=1\n[Broker]\nLease=1ms\n[Demon]\nX=1\n",
            handler: "[Handler]\nType=a\nExec=/no/such\nNice=99\n")
        let (output, errors, status) = try await run(
            "--check", "--kill-grace=-1", environment: ["JQ_DRAIN_TIMEOUT": "x"])
        #expect(status == .exited(78))
        #expect(output.isEmpty)
        let handler = directory.file("handlers.d/mail.conf")
        let beginnings = [
            "\(main):2: Concurrency=: '0' must be a number of 1 to 10000",
            "\(main):3: unknown key Concurency= in [Daemon]; allowed are Concurrency=, ",
            "\(main):5: Lease=: '1ms' must be between 500ms and 1h",
            "\(main):6: unknown section [Demon]; allowed are [Daemon], ",
            "jobqueued: JQ_DRAIN_TIMEOUT: 'x' must be a span",
            "jobqueued: --kill-grace: '-1' must be a span",
            "\(handler):3: Exec=: cannot read /no/such: No such file or directory",
            "\(handler):4: Nice=: '99' must be a number of -20 to 19",
        ]
        #expect(errors.count == beginnings.count, "\(errors)")
        for (line, beginning) in zip(errors, beginnings) {
            #expect(line.hasPrefix(beginning), "\(line)")
        }
        // A start and a look at the settings find the same.
        for arguments in [[], ["--show-config"]] {
            let process = try ChildProcess(
                product: "jobqueued", ["--config", main, "--kill-grace=-1"] + arguments,
                environment: ["JQ_DRAIN_TIMEOUT": "x"])
            #expect(try await process.waitForEndOfOutput() == .exited(78))
            #expect(process.standardError == errors)
        }
    }

    @Test("--check ends with 0 when there are warnings alone, and tells them")
    func warnings() async throws {
        try write("[Queue low]\nConcurrency=1\n")
        let (output, errors, status) = try await run("--check")
        #expect(status == .exited(0))
        #expect(output == ["the settings are good; broker: Redis at localhost:6379"])
        #expect(errors.count == 1)
        #expect(errors.first?.hasPrefix("\(main):2: warning: Concurrency= has no effect") == true)
    }

    @Test("--show-config prints what holds and where it comes from, but no password")
    func show() async throws {
        try write(
            """
            [Daemon]
            Concurrency=5
            LogLevel=debug
            [Broker]
            Addr=redis://me:s3cr3t@redis.example/2
            [Queue low]
            Weight=2
            """,
            handler: "[Handler]\nType=email:*\nExec=/bin/echo 'a b'\nEnvironment=KEY=s3cr3t\n")
        let (output, errors, status) = try await run(
            "--show-config", "--log-level", "info", environment: ["JQ_LEASE": "1min"])
        #expect(status == .exited(0))
        #expect(errors.isEmpty)
        // Columns are for people.
        let lines = output.map { $0.split(separator: " ").joined(separator: " ") }
        let handler = directory.file("handlers.d/mail.conf")
        for line in [
            "[Daemon]", "Concurrency=5 # \(main):2",
            "Queues=default:1,low:2 # default, [Queue low] Weight=",
            "LogLevel=info # --log-level", "KillGrace=10s # default", "[Broker]",
            "Addr=redis.example:6379/2 # \(main):5", "Lease=1min # JQ_LEASE",
            "AllowEviction=no # default", "[Retry]", "MaxAttempts=25 # default", "[Queue low]",
            "Weight=2 # \(main):7", "[Handler]", "Type=email:* # \(handler):2",
            "Exec=/bin/echo 'a b' # \(handler):3", "Environment=KEY=… # \(handler):4",
            "Timeout=30min # default",
        ] {
            #expect(lines.contains(line), "\(line) in \(lines)")
        }
        #expect(!output.joined().contains("s3cr3t"))
    }

    @Test("the file that comes with the package holds every key, commented out, and passes --check")
    func example() async throws {
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(
            contentsOf: repository.appendingPathComponent("packaging/jobqueued.conf"),
            encoding: .utf8)
        try write(text)
        let good = try await run("--check")
        #expect(good.status == .exited(0) && good.errors.isEmpty, "\(good.errors)")
        let defaults = try await run("--show-config").output

        // Each line that may be taken in is taken in: the same settings, now from the file.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.range(of: #"^#(\[|[A-Za-z]+=)"#, options: .regularExpression) == nil
                ? line : line.dropFirst()
        }
        try write(lines.joined(separator: "\n"))
        let (output, errors, status) = try await run("--show-config")
        #expect(status == .exited(0) && errors.isEmpty, "\(errors)")
        let written = output.prefix { !$0.hasPrefix("[Queue ") }.filter { !$0.isEmpty }
        #expect(!written.contains { $0.hasSuffix("# default") }, "\(written)")
        let settings: ([String]) -> [Substring] = { lines in
            lines.filter { !$0.isEmpty && !$0.hasPrefix("Queues=") }.map { $0.prefix { $0 != " " } }
        }
        #expect(settings(Array(written)) == settings(defaults))
    }

    @Test("a daemon runs by its file: the broker, the slots, the queues, the attempts")
    func life() async throws {
        let redis = try await RedisServer()
        try write(
            """
            [Daemon]
            Concurrency=3
            Queues=a:2
            MetricsAddr=127.0.0.1:0
            Control=\(directory.file("control.sock"))
            [Broker]
            Addr=\(redis.address)
            Namespace=site
            [Retry]
            Base=1ms
            MaxAttempts=2
            [Queue b]
            Weight=1
            Concurrency=1
            """)
        let daemon = try ChildProcess(product: "jobqueued", ["--config", main, "--demo"])
        let ready = try await daemon.line(containing: "NOTICE ready:")
        #expect(ready.contains("3 slots, queues a, b"))
        // It fails by its time limit, and its handler says nothing of attempts.
        try redis.command([
            "RPUSH", "site:{b}:pending",
            #"{"type":"demo:slow","id":"s1","payload":{"ms":600000},"timeout_ms":1}"#,
        ])
        await eventually(equals: 1) {
            try redis.command(["ZCARD", "site:{b}:dead"]).integer
        }
        let dead = try redis.command(["ZRANGE", "site:{b}:dead", "0", "0"]).texts
        #expect(dead.first?.contains(#""attempts":2"#) == true, "\(dead)")
        daemon.signal(15)
        #expect(try await daemon.waitForEndOfOutput() == .exited(0))
    }

    @Test("a queue with a limit has no more jobs running than that, and leaves the slots to others")
    func queueLimit() async throws {
        let redis = try await RedisServer()
        let effects = try EffectFile()
        try write("[Daemon]\nConcurrency=4\nQueues=a,b\n[Queue a]\nConcurrency=1\n")
        let gate = directory.file("gate")
        for (queue, count) in [("a", 3), ("b", 3)] {
            for number in 1...count {
                let payload = #"{"says_start":true,"until":"\#(gate)"}"#
                try redis.command([
                    "RPUSH", "jq:{\(queue)}:pending",
                    #"{"type":"test:job","id":"\#(queue)\#(number)","payload":\#(payload)}"#,
                ])
            }
        }
        let daemon = try await DaemonProcess.ready(
            "jobqueued-testd", address: redis.address, ["--config", main], effects: effects)
        await eventually(equals: ["a1", "b1", "b2", "b3"]) { effects.started.sorted() }
        #expect(try redis.command(["LLEN", "jq:{a}:pending"]).integer == 2)
        try directory.write("", to: "gate")
        await eventually(equals: ["a1", "a2", "a3", "b1", "b2", "b3"]) { effects.ended.sorted() }
        try await daemon.drain()
    }
}
