import JobQueue
import TestSupport
import Testing

@testable import JobDaemon

@Suite("The configuration, from defaults to flags")
struct ConfigurationLoaderTests {
    @Test(
        "each layer stands over those before: package, administrator, drop-ins, environment, flag")
    func layers() throws {
        let stand = try ConfigurationStand()
        let concurrency: ([String], [String: String]) throws -> [String] = { flags, environment in
            [
                "\(try stand.load(flags, environment).options.concurrency)",
                try stand.source(of: "Daemon.Concurrency", flags, environment),
            ]
        }
        #expect(try concurrency([], [:]) == ["10", "default"])
        try stand.write("[Daemon]\nConcurrency=2", to: "usr/jobqueued.conf")
        #expect(try concurrency([], [:]) == ["2", "usr/jobqueued.conf:2"])
        try stand.write("#\n[Daemon]\nConcurrency=3", to: "etc/jobqueued.conf")
        #expect(try concurrency([], [:]) == ["3", "etc/jobqueued.conf:3"])
        try stand.write("[Daemon]\nConcurrency=5", to: "etc/jobqueued.conf.d/50.conf")
        try stand.write("[Daemon]\nConcurrency=4", to: "etc/jobqueued.conf.d/10.conf")
        try stand.write("[Daemon]\nConcurrency=6", to: "etc/jobqueued.conf.d/90.off")
        #expect(try concurrency([], [:]) == ["5", "etc/jobqueued.conf.d/50.conf:2"])
        let environment = ["JQ_CONCURRENCY": "7"]
        #expect(try concurrency([], environment) == ["7", "JQ_CONCURRENCY"])
        #expect(try concurrency(["--concurrency=8"], environment) == ["8", "--concurrency"])
    }

    @Test("a later file changes what it names and nothing else; an empty value is the default")
    func merging() throws {
        let stand = try ConfigurationStand()
        try stand.write(
            "[Daemon]\nConcurrency=2\nLogLevel=debug\n[Broker]\nLease=1min",
            to: "usr/jobqueued.conf")
        try stand.write("[Daemon]\nConcurrency=3\n[Broker]\nLease=", to: "etc/jobqueued.conf")
        let options = try stand.load().options
        #expect(options.concurrency == 3)
        #expect(options.logLevel == .debug)
        #expect(options.lease == .seconds(15))
    }

    @Test("every key of a section is set by it")
    func allKeys() throws {
        let stand = try ConfigurationStand()
        try stand.write(
            """
            [Daemon]
            Concurrency = 3
            Queues = a:2 b
            MetricsAddr = 127.0.0.1:1
            Control = /run/x/c.sock
            DrainTimeout = 1h 30min
            KillGrace = 1min
            LogLevel = warning
            [Broker]
            Addr = sqlite:/var/lib/x.db
            Durability = normal
            Namespace = n
            Lease = 30s
            Wait = 2min
            AllowEviction = yes
            [Retry]
            Base = 500ms
            Max = 2h
            MaxAttempts = 4
            [Queue]
            NoHandler = retry
            DeadMax = 9
            DeadMaxAge = 2d
            """, to: "etc/jobqueued.conf")
        let loaded = try stand.load()
        let options = loaded.options
        #expect(options.concurrency == 3 && options.schedule.text == "a:2,b:1")
        #expect(options.metricsAddress == "127.0.0.1:1" && options.controlPath == "/run/x/c.sock")
        #expect(options.drainTimeout == .seconds(5400) && options.killGrace == .seconds(60))
        #expect(options.logLevel == .warning && options.address.shown == "sqlite:/var/lib/x.db")
        #expect(options.durability == .normal && options.namespace == "n")
        #expect(options.lease == .seconds(30) && options.brokerWait == .seconds(120))
        #expect(options.allowsEviction)
        #expect(
            options.retry
                == RetryPolicy(base: .milliseconds(500), max: .seconds(7200), maxAttempts: 4))
        #expect(options.noHandler == .retry)
        #expect(options.deadLimits == DeadLimits(count: 9, age: .seconds(2 * 86_400)))
        #expect(Set(loaded.sources.keys) == Set(Setting.all.map(\.name)))
    }

    @Test("the socket of the runtime directory gives way to the one that a file names")
    func control() throws {
        let stand = try ConfigurationStand()
        let environment = ["RUNTIME_DIRECTORY": "/run/a"]
        #expect(try stand.load([], environment).options.controlPath == "/run/a/control.sock")
        try stand.write("[Daemon]\nControl=/run/b.sock", to: "etc/jobqueued.conf")
        #expect(try stand.load([], environment).options.controlPath == "/run/b.sock")
    }

    @Test("a file that is named stands in for all others, with its drop-ins and handlers beside it")
    func named() throws {
        let stand = try ConfigurationStand()
        try stand.write("[Daemon]\nConcurrency=2\nLogLevel=debug", to: "etc/jobqueued.conf")
        try stand.write("[Retry]\nMaxAttempts=3", to: "mine/x.conf")
        try stand.write("[Daemon]\nConcurrency=4", to: "mine/x.conf.d/a.conf")
        try stand.write("[Handler]\nType=a\nExec=/bin/true", to: "mine/handlers.d/a.conf")
        let options = try stand.load(["--config", stand.directory.file("mine/x.conf")]).options
        #expect(options.concurrency == 4 && options.logLevel == .info)
        #expect(options.retry.maxAttempts == 3 && options.commands.map(\.name) == ["a"])
        #expect(
            try stand.problems(["--config", stand.directory.file("no.conf")])
                == ["no.conf: cannot read no.conf: No such file or directory"])
    }

    @Test("a loader that is asked again reads the files anew, good or bad")
    func again() throws {
        let stand = try ConfigurationStand()
        let loader = try stand.loader()
        for (text, concurrency) in [("2", 2), ("none", nil), ("3", 3)] as [(String, Int?)] {
            try stand.write("[Daemon]\nConcurrency=\(text)", to: "etc/jobqueued.conf")
            let options = try? loader.load().get().options
            #expect(options?.concurrency == concurrency)
        }
    }

    // MARK: - Queues

    @Test(
        "weights of sections join the list of queues",
        arguments: [
            ("", "[Queue low]\nWeight=2", "default:1,low:2"),
            ("Queues=a", "[Queue b]\nWeight=3\n[Queue a]\nWeight=3", "a:3,b:3"),
            ("Queues=a:6 b:3", "[Queue c]\nWeight=1\n[Queue a]\nWeight=9", "a:9,b:3,c:1"),
            ("Queues=a,b", "[Queue a]\nConcurrency=1", "a,b"),
            ("Queues=a,b", "[Queue a]\nWeight=", "a,b"),
        ])
    func weights(queues: String, sections: String, list: String) throws {
        let stand = try ConfigurationStand()
        try stand.write("[Daemon]\n\(queues)\n\(sections)", to: "etc/jobqueued.conf")
        #expect(try stand.load().options.schedule.text == list)
    }

    @Test("a list from a flag or the environment stands over the weights of the files")
    func listOfFlag() throws {
        let stand = try ConfigurationStand()
        try stand.write("[Queue low]\nWeight=2\nConcurrency=1", to: "etc/jobqueued.conf")
        #expect(try stand.load(["--queues", "a,low"]).options.schedule.text == "a,low")
        #expect(try stand.load([], ["JQ_QUEUES": "b"]).options.schedule.text == "b")
    }

    @Test("a queue's own limit counts where it is less than the slots, else there is a warning")
    func queueConcurrency() throws {
        let stand = try ConfigurationStand()
        try stand.write(
            """
            [Daemon]
            Concurrency=5
            Queues=a b c
            [Queue a]
            Concurrency=2
            [Queue b]
            Concurrency=5
            [Queue c]
            Concurrency=6
            [Queue d]
            Concurrency=1
            """, to: "etc/jobqueued.conf")
        let limits = try stand.load().options.queueConcurrency
        #expect(limits == [try #require(QueueName("a")): 2])
        #expect(
            try stand.problems() == [
                "etc/jobqueued.conf:9: warning: Concurrency=6 has no effect: there are 5 slots",
                "etc/jobqueued.conf:11: warning: Concurrency= has no effect: d is not among the "
                    + "queues of this daemon; name it in Queues= or give it a Weight=",
            ])
    }

    @Test("limits of dead letters hold for all queues, and a queue's own over them")
    func deadLimits() throws {
        let stand = try ConfigurationStand()
        #expect(try stand.load().options.deadLimits.areNone)
        try stand.write(
            """
            [Queue]
            DeadMax=1000
            DeadMaxAge=30d
            [Queue a]
            DeadMax=5
            [Queue b]
            DeadMax=infinity
            DeadMaxAge=1h
            """, to: "etc/jobqueued.conf")
        let options = try stand.load([], ["JQ_DEAD_MAX": "2000"]).options
        let day = Duration.seconds(86_400)
        for (name, limits) in [
            ("a", DeadLimits(count: 5, age: day * 30)), ("b", DeadLimits(age: .seconds(3600))),
            ("c", DeadLimits(count: 2000, age: day * 30)),
        ] {
            #expect(options.deadLimits(of: try #require(QueueName(name))) == limits, "\(name)")
        }
    }

    // MARK: - What is wrong

    @Test(
        "is told with its line and what is allowed",
        arguments: [
            ("[Daemon]\nX=1", ":2: unknown key X= in [Daemon]; allowed are Concurrency=, "),
            (
                "\n[Demon]\nX=1\nY=1",
                ":2: unknown section [Demon]; allowed are [Daemon], [Broker], "
            ),
            ("[daemon]\nX=1", ":1: unknown section [daemon]; allowed are "),
            ("[Queue]\nWeight=1", ":2: unknown key Weight= in [Queue]; allowed are NoHandler=, "),
            ("[Queue]\nNoHandler=x", ":2: NoHandler=: 'x' must be dead or retry"),
            ("[Queue]\nDeadMax=0", ":2: DeadMax=: '0' must be a number of 1 to 1000000000"),
            ("[Queue]\nDeadMaxAge=1ms", ":2: DeadMaxAge=: '1ms' must be between 1s and 3650d"),
            ("[Queue a]\nDeadMax=x", ":2: DeadMax=: 'x' must be a number of 1 to 1000000000"),
            ("[Daemon]\nConcurrency=0", ":2: Concurrency=: '0' must be a number of 1 to 10000"),
            (
                "[Daemon]\nConcurrency=1\nConcurrency=2",
                ":3: Concurrency= stands in line 2 already;"
            ),
            ("[Daemon]\nQueues=A", ":2: Queues=: 'A' is no name of a queue"),
            ("[Daemon]\nDrainTimeout=-1", ":2: DrainTimeout=: '-1' must be a span such as 500ms"),
            ("[Broker]\nLease=400ms", ":2: Lease=: '400ms' must be between 500ms and 1h"),
            ("[Broker]\nAllowEviction=x", ":2: AllowEviction=: 'x' must be yes or no"),
            ("[Broker]\nDurability=x", ":2: Durability=: 'x' must be full or normal"),
            ("[Retry]\nMaxAttempts=0", ":2: MaxAttempts=: '0' must be a number of 1 to 1000000"),
            ("[Retry]\nBase=2h", ":2: Base=2h is longer than Max=1h; it must not be"),
            ("[Retry]\nMax=1ms", ":2: Base=1s is longer than Max=1ms; it must not be"),
            ("[Queue A]\nWeight=1\nX=1", ":1: 'A' is no name of a queue: use a-z"),
            ("[Queue a]\nWeight=1001", ":2: Weight=: '1001' must be a number of 1 to 1000"),
            ("[Queue a]\nConcurrency=0", ":2: Concurrency=: '0' must be a number of 1 to 10000"),
            (
                "[Queue a]\nX=1",
                ":2: unknown key X= in [Queue a]; allowed are Weight=, Concurrency="
            ),
            (
                "[Daemon]\nQueues=a b\n[Queue c]\nWeight=1",
                ":4: Weight= cannot join a strict order: "
            ),
            ("Concurrency=1", ":1: Concurrency= stands before the first [SECTION]"),
            ("[Daemon]\nLogLevel", ":2: 'LogLevel' has no =; allowed are [SECTION], NAME=VALUE"),
            ("[Daemon", ":1: '[Daemon' is no header; write [SECTION] and nothing else"),
            ("[Daemon]\nControl=\0", ": must be text in UTF-8"),
        ])
    func wrong(text: String, problem: String) throws {
        let stand = try ConfigurationStand()
        try stand.write(text, to: "etc/jobqueued.conf")
        let problems = try stand.problems()
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.hasPrefix("etc/jobqueued.conf\(problem)") == true, "\(problems)")
        #expect(throws: ConfigurationErrors.self) { try stand.load() }
    }

    @Test("a bad value is told although a later file, the environment or a flag stands over it")
    func shadowed() throws {
        let stand = try ConfigurationStand()
        try stand.write("[Daemon]\nConcurrency=x", to: "usr/jobqueued.conf")
        try stand.write("[Daemon]\nConcurrency=2", to: "etc/jobqueued.conf")
        #expect(try stand.problems(["--concurrency=3"]).count == 1)
    }

    @Test("a password in a bad file is not repeated")
    func password() throws {
        let stand = try ConfigurationStand()
        for text in [
            "[Broker]\nAddr=redis://u:s3cr3t@h:x", "[Broker]\nAddr redis://u:s3cr3t@h",
            "Addr=redis://u:s3cr3t@h", "[Broker]\nredis://u:s3cr3t@h/?x=1",
        ] {
            try stand.write(text, to: "etc/jobqueued.conf")
            let problems = try stand.problems()
            #expect(problems.count == 1)
            #expect(!problems.joined().contains("s3cr3t"), "\(problems)")
        }
    }
}
