import JobQueue
import Redis
import TestSupport
import Testing

@testable import JobDaemon

@Suite("The daemon's command line and environment")
struct DaemonCommandLineTests {
    /// One argument for each word of the line.
    private func parse(
        _ line: String, _ environment: [String: String] = [:]
    ) throws -> DaemonCommand {
        try DaemonCommandLine.parse(
            line.split(separator: " ").map(String.init), environment: environment)
    }

    private func options(
        _ line: String, _ environment: [String: String] = [:]
    ) throws -> DaemonOptions {
        guard case .run(let loaded, _) = try parse(line, environment) else {
            throw TestSupportError("'\(line)' does not ask for a run")
        }
        return loaded.options
    }

    private func failure(
        _ line: String, _ environment: [String: String] = [:]
    ) -> DaemonOptionsError? {
        #expect(throws: DaemonOptionsError.self) { try parse(line, environment) }
    }

    @Test("what is not set has the default of the manual")
    func defaults() throws {
        let options = try options("")
        #expect(options.address == .redis(RedisAddress(place: .tcp(host: "localhost", port: 6379))))
        #expect(options.concurrency == 10)
        #expect(options.schedule == QueueSchedule(strict: [.default]))
        #expect(options.namespace == "jq")
        #expect(options.metricsAddress == ":2112")
        #expect(options.controlPath == "/run/jobqueued/control.sock")
        #expect(options.runtimeDirectory == "/run/jobqueued")
        #expect(options.lease == .seconds(15))
        #expect(options.drainTimeout == .seconds(30))
        #expect(options.killGrace == .seconds(10))
        #expect(options.brokerWait == .seconds(60))
        #expect(options.logLevel == .info)
        #expect(!options.isDemo && !options.allowsEviction)
    }

    // MARK: - Good values

    /// A setting, two good values of it, and how an option set to the first looks.
    struct Good: Sendable, CustomTestStringConvertible {
        let flag: String
        let variable: String
        let value: String
        let other: String
        let look: @Sendable (DaemonOptions) -> String
        let expected: String

        init(
            _ flag: String, _ variable: String, _ value: String, over other: String,
            is expected: String, _ look: @escaping @Sendable (DaemonOptions) -> String
        ) {
            self.flag = flag
            self.variable = variable
            self.value = value
            self.other = other
            self.look = look
            self.expected = expected
        }

        var testDescription: String { "\(flag) \(value)" }
    }

    private static let good = [
        Good(
            "--addr", "JQ_REDIS_ADDR", "redis.example:7000", over: "x",
            is: "Redis at redis.example:7000"
        ) {
            $0.address.name
        },
        Good("--addr", "JQ_REDIS_ADDR", "redis://u:p@h/3", over: "x", is: "h:6379/3 u p") {
            guard case .redis(let address) = $0.address else { return "no Redis" }
            return "\(address.displayName) \(address.user ?? "") \(address.password ?? "")"
        },
        Good(
            "--addr", "JQ_REDIS_ADDR", "unix:/run/r.sock", over: "x",
            is: "Redis at unix:/run/r.sock"
        ) {
            $0.address.name
        },
        Good("--addr", "JQ_REDIS_ADDR", "sqlite:/var/j.db", over: "x", is: "sqlite:/var/j.db") {
            $0.address.name
        },
        Good("--durability", "JQ_DURABILITY", "normal", over: "x", is: "normal") {
            "\($0.durability)"
        },
        Good("--concurrency", "JQ_CONCURRENCY", "1", over: "7", is: "1") { "\($0.concurrency)" },
        Good("--concurrency", "JQ_CONCURRENCY", "10000", over: "7", is: "10000") {
            "\($0.concurrency)"
        },
        Good("--queues", "JQ_QUEUES", "a,b", over: "c", is: "a 1, b 1, false") {
            look($0.schedule)
        },
        Good("--queues", "JQ_QUEUES", "critical:6,low", over: "c", is: "critical 6, low 1, true") {
            look($0.schedule)
        },
        Good("--namespace", "JQ_NAMESPACE", "Site_1.a-b", over: "x", is: "Site_1.a-b") {
            $0.namespace
        },
        Good("--metrics-addr", "JQ_METRICS_ADDR", "127.0.0.1:0", over: ":1", is: "127.0.0.1:0") {
            $0.metricsAddress
        },
        Good("--metrics-addr", "JQ_METRICS_ADDR", "[::1]:9000", over: ":1", is: "[::1]:9000") {
            $0.metricsAddress
        },
        Good("--control", "JQ_CONTROL", "/run/a/b.sock", over: "/x", is: "/run/a/b.sock /run/a") {
            "\($0.controlPath) \($0.runtimeDirectory)"
        },
        Good("--lease", "JQ_LEASE", "500ms", over: "1h", is: "0.5") { "\($0.lease.inSeconds)" },
        Good("--lease", "JQ_LEASE", "1h", over: "1s", is: "3600.0") { "\($0.lease.inSeconds)" },
        Good("--drain-timeout", "JQ_DRAIN_TIMEOUT", "0", over: "1s", is: "0.0") {
            "\($0.drainTimeout.inSeconds)"
        },
        Good("--drain-timeout", "JQ_DRAIN_TIMEOUT", "1d", over: "1s", is: "86400.0") {
            "\($0.drainTimeout.inSeconds)"
        },
        Good("--kill-grace", "JQ_KILL_GRACE", "1.5s", over: "1s", is: "1.5") {
            "\($0.killGrace.inSeconds)"
        },
        Good("--broker-wait", "JQ_BROKER_WAIT", "5min", over: "1s", is: "300.0") {
            "\($0.brokerWait.inSeconds)"
        },
        Good("--no-handler", "JQ_NO_HANDLER", "retry", over: "dead", is: "retry") {
            $0.noHandler.rawValue
        },
        Good("--dead-max", "JQ_DEAD_MAX", "5", over: "infinity", is: "5") {
            "\($0.deadLimits.count ?? 0)"
        },
        Good("--dead-max-age", "JQ_DEAD_MAX_AGE", "30d", over: "1s", is: "2592000.0") {
            "\($0.deadLimits.age?.inSeconds ?? 0)"
        },
        Good("--log-level", "JQ_LOG_LEVEL", "debug", over: "error", is: "debug") {
            $0.logLevel.name
        },
    ]

    private static func look(_ schedule: QueueSchedule) -> String {
        schedule.entries.map { "\($0.queue) \($0.weight), " }.joined() + "\(schedule.isWeighted)"
    }

    @Test("a flag stands over the environment, the environment over the default", arguments: good)
    func precedence(good: Good) throws {
        #expect(try good.look(options("")) != good.expected)
        #expect(try good.look(options("\(good.flag) \(good.value)")) == good.expected)
        #expect(try good.look(options("\(good.flag)=\(good.value)")) == good.expected)
        #expect(try good.look(options("", [good.variable: good.value])) == good.expected)
        let both = try options("\(good.flag) \(good.value)", [good.variable: good.other])
        #expect(good.look(both) == good.expected)
        // What is empty in the environment is as good as not there.
        #expect(try good.look(options("", [good.variable: ""])) == good.look(options("")))
    }

    @Test("a bad variable does no harm while a flag stands over it")
    func shadowed() throws {
        #expect(try options("--concurrency 5", ["JQ_CONCURRENCY": "none"]).concurrency == 5)
    }

    @Test("of a flag that is given twice the last counts")
    func twice() throws {
        #expect(try options("--concurrency 5 --concurrency=6").concurrency == 6)
    }

    @Test(
        "the control socket is in the first runtime directory, unless it is named",
        arguments: [
            (["RUNTIME_DIRECTORY": "/run/a"], "", "/run/a/control.sock"),
            (["RUNTIME_DIRECTORY": "/run/a:/run/b"], "", "/run/a/control.sock"),
            (["RUNTIME_DIRECTORY": ""], "", "/run/jobqueued/control.sock"),
            (["RUNTIME_DIRECTORY": "/run/a", "JQ_CONTROL": "/x/c"], "", "/x/c"),
            (["RUNTIME_DIRECTORY": "/run/a", "JQ_CONTROL": "/x/c"], "--control /y/c", "/y/c"),
        ])
    func control(environment: [String: String], line: String, path: String) throws {
        #expect(try options(line, environment).controlPath == path)
    }

    @Test("the lock lies beside the control socket, also in the root directory")
    func runtimeDirectory() throws {
        #expect(try options("--control /c.sock").runtimeDirectory == "/")
        #expect(try options("--control /a/b/c.sock").runtimeDirectory == "/a/b")
    }

    // MARK: - Switches

    @Test("switches switch")
    func switches() throws {
        let options = try options("--demo --allow-eviction")
        #expect(options.isDemo && options.allowsEviction)
        guard case .check(let checked) = try parse("--check --concurrency 3") else {
            Issue.record("--check does not ask for a check")
            return
        }
        #expect(checked.options.concurrency == 3)
    }

    @Test("help and version are given whatever the settings are")
    func help() throws {
        let bad = ["JQ_CONCURRENCY": "none"]
        guard case .showHelp = try parse("--help --version", bad) else {
            Issue.record("--help does not ask for help")
            return
        }
        guard case .showVersion = try parse("--version --check --lease x", bad) else {
            Issue.record("--version does not ask for the version")
            return
        }
    }

    @Test("the help names every flag with its variable, and every switch")
    func helpText() {
        let lines = DaemonCommandLine.help.split(separator: "\n")
        for good in Self.good {
            let line = lines.first { $0.hasPrefix("  \(good.flag) ") }
            #expect(line?.hasSuffix("[\(good.variable)]") == true)
        }
        #expect(Set(Self.good.map(\.flag)) == Set(Setting.all.compactMap(\.flag)))
        for flag in [
            "--config", "--allow-eviction", "--demo", "--check", "--show-config", "--version",
            "--help",
        ] {
            #expect(lines.contains { $0.hasPrefix("  \(flag) ") })
        }
    }

    // MARK: - What cannot be understood (64)

    @Test(
        "a command line that cannot be understood is told, as wrong usage",
        arguments: [
            (
                "--concurency 5",
                "unknown argument '--concurency'; see jobqueued --help; did you mean --concurrency?",
                2
            ),
            ("run", "unknown argument 'run'; see jobqueued --help", 1),
            ("-h", "unknown argument '-h'; see jobqueued --help", 1),
            (
                "--demo=yes",
                "unknown argument '--demo=yes'; see jobqueued --help; did you mean --demo?", 1
            ),
            ("--", "unknown argument '--'; see jobqueued --help", 1),
            ("--concurrency", "--concurrency needs a value", 1),
            ("--demo --addr", "--addr needs a value", 1),
        ])
    func usage(line: String, message: String, count: Int) {
        let failure = failure(line)
        #expect(failure?.isUsage == true)
        #expect(failure?.lines.first == message)
        #expect(failure?.lines.count == count)
    }

    @Test("wrong usage is told before wrong values")
    func usageFirst() {
        let failure = failure("--concurrency 0 --nope", ["JQ_LEASE": "x"])
        #expect(failure?.isUsage == true)
        #expect(failure?.lines == ["unknown argument '--nope'; see jobqueued --help"])
    }
}
