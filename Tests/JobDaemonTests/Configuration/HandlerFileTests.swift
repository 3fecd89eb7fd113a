import ExecHandler
import JobQueue
import LinuxSystem
import TestSupport
import Testing

@testable import JobDaemon

@Suite("Handler files")
struct HandlerFileTests {
    private static let good = "[Handler]\nType=a\nExec=/bin/true\n"

    @Test("a type and a command are enough; the rest has the defaults of a command")
    func least() throws {
        let stand = try ConfigurationStand()
        try stand.write("[Handler]\nType=report:*\nExec=/bin/echo", to: "etc/handlers.d/r.conf")
        let pattern = try #require(JobTypePattern("report:*"))
        #expect(
            try stand.load().options.commands
                == [CommandDefinition(name: "r", pattern: pattern, executable: "/bin/echo")])
    }

    @Test("every key has its place in the command")
    func allKeys() throws {
        let stand = try ConfigurationStand()
        try stand.write("[Retry]\nMax=2h\nMaxAttempts=9", to: "etc/jobqueued.conf")
        try stand.write(
            """
            # A comment.
            [Handler]
            Type=email:welcome
            Exec="/bin/echo" --fast 'two words' \\
                a\\sb
            Mode=persistent
            MaxJobs=100
            Timeout=1min 30s
            MaxAttempts=8
            Concurrency=4
            RetryBase=5s
            Environment="A=b c" D=e
            Environment=D=f
            WorkingDirectory=/tmp
            SuccessExitStatus=3 4
            DeadExitStatus=70
            Nice=-5
            LimitAS=512M
            LimitCPU=2min
            LimitNOFILE=100:200
            UMask=0027
            OOMScoreAdjust=-10
            Result=drop
            Retention=7d
            """, to: "etc/handlers.d/mail.conf")
        var command = CommandDefinition(
            name: "mail", pattern: try #require(JobTypePattern("email:welcome")),
            executable: "/bin/echo")
        command.arguments = ["--fast", "two words", "a b"]
        command.mode = .persistent(jobs: 100)
        command.options = HandlerOptions(
            timeout: .seconds(90), maxAttempts: 8,
            retry: RetryPolicy(base: .seconds(5), max: .seconds(7200), maxAttempts: 9))
        command.concurrency = 4
        command.environment = ["A": "b c", "D": "f"]
        command.workingDirectory = "/tmp"
        command.successStatuses = [3, 4]
        command.deadStatuses = [70]
        command.nice = -5
        command.addressSpace = 512 << 20
        command.openFiles = DescriptorLimit(soft: 100, hard: 200)
        command.umask = 0o027
        command.oomScore = -10
        command.processorTime = .seconds(120)
        command.result = .drop
        command.options.retention = .seconds(7 * 86_400)
        command.files = try ["/bin/echo", "/tmp"].map { try #require(FileVersion($0)) }
        #expect(try stand.load().options.commands == [command])
    }

    @Test("an administrator's file stands over the package's of the same name, or hides it")
    func layers() throws {
        let stand = try ConfigurationStand()
        for name in ["a", "b", "c"] {
            try stand.write(
                "[Handler]\nType=\(name)\nExec=/bin/true", to: "usr/handlers.d/\(name).conf")
        }
        try stand.write("[Handler]\nType=b\nExec=/bin/echo", to: "etc/handlers.d/b.conf")
        try stand.write("", to: "etc/handlers.d/c.conf")
        try stand.write("nonsense", to: "etc/handlers.d/README")
        let commands = try stand.load().options.commands
        #expect(commands.map(\.name) == ["a", "b"])
        #expect(commands.map(\.executable) == ["/bin/true", "/bin/echo"])
    }

    @Test("Environment= without a value takes back what was given before")
    func environmentReset() throws {
        let stand = try ConfigurationStand()
        try stand.write(
            Self.good + "Environment=A=1\nEnvironment=\nEnvironment=B=2",
            to: "etc/handlers.d/a.conf")
        #expect(try stand.load().options.commands.map(\.environment) == [["B": "2"]])
    }

    @Test("an exit status that is success is no end, unless both are said, which is an error")
    func statuses() throws {
        let stand = try ConfigurationStand()
        try stand.write(Self.good + "SuccessExitStatus=64", to: "etc/handlers.d/a.conf")
        #expect(try stand.load().options.commands.map(\.deadStatuses) == [[65, 78]])
    }

    @Test("two files for one type are an error that names both; a wider pattern is none")
    func twice() throws {
        let stand = try ConfigurationStand()
        try stand.write("[Handler]\nType=a:b\nExec=/bin/true", to: "etc/handlers.d/a.conf")
        try stand.write("[Handler]\nType=a:*\nExec=/bin/true", to: "etc/handlers.d/b.conf")
        #expect(try stand.load().options.commands.count == 2)
        try stand.write("[Handler]\nExec=/bin/true\nType=a:b", to: "usr/handlers.d/c.conf")
        #expect(
            try stand.problems() == [
                "usr/handlers.d/c.conf:3: Type=a:b has a handler in etc/handlers.d/a.conf:2 "
                    + "already; one file for each type is allowed"
            ])
    }

    @Test("more jobs at once than slots is a warning")
    func concurrency() throws {
        let stand = try ConfigurationStand()
        try stand.write(Self.good + "Concurrency=11", to: "etc/handlers.d/a.conf")
        #expect(
            try stand.problems() == [
                "etc/handlers.d/a.conf:4: warning: Concurrency=11 has no effect: there are 10 slots"
            ])
        #expect(try stand.load().warnings.count == 1)
    }

    @Test(
        "what is wrong is told with its line and what is allowed",
        arguments: [
            ("X=1", ":4: unknown key X= in [Handler]; allowed are Type=, Exec=, Mode="),
            ("[Service]\nX=1", ":4: unknown section [Service]; allowed is [Handler]"),
            ("Type=b", ":4: Type= stands in line 2 already; once in [Handler] is allowed"),
            ("Mode=twice", ":4: Mode=: 'twice' must be once or persistent"),
            ("MaxJobs=5", ":4: MaxJobs= is allowed with Mode=persistent only"),
            ("MaxJobs=0", ":4: MaxJobs=: '0' must be a number of 1 to 1000000000"),
            ("Timeout=0", ":4: Timeout=: '0' must be between 1ms and 7d"),
            ("Timeout=soon", ":4: Timeout=: 'soon' must be a span such as 500ms"),
            ("MaxAttempts=0", ":4: MaxAttempts=: '0' must be a number of 1 to 1000000"),
            ("Concurrency=0", ":4: Concurrency=: '0' must be a number of 1 to 10000"),
            ("RetryBase=-1s", ":4: RetryBase=: '-1s' must be a span such as 500ms"),
            ("RetryBase=2h", ":4: RetryBase=2h is longer than RetryMax=1h; it must not be"),
            ("RetryMax=1ms", ":4: RetryBase=1s is longer than RetryMax=1ms; it must not be"),
            ("Environment=A", ":4: Environment=: each word must be KEY=VALUE"),
            ("Environment=\"A=1", ":4: Environment=: the quote \" is not closed"),
            ("Environment=JOB_ID=1", ":4: Environment=: JOB_ID is one of the daemon's own"),
            ("WorkingDirectory=tmp", ":4: WorkingDirectory=: 'tmp' must be an absolute path"),
            ("WorkingDirectory=/no/such", ":4: WorkingDirectory=: cannot read /no/such: "),
            ("WorkingDirectory=/bin/true", ":4: WorkingDirectory=: /bin/true must be a directory"),
            ("SuccessExitStatus=0", ":4: SuccessExitStatus=: '0' must be a number of 1 to 255"),
            ("DeadExitStatus=256", ":4: DeadExitStatus=: '256' must be a number of 1 to 255"),
            ("Nice=20", ":4: Nice=: '20' must be a number of -20 to 19"),
            ("LimitAS=512", ":4: LimitAS=: '512' must be between 1M and 1024T"),
            ("LimitAS=much", ":4: LimitAS=: 'much' must be a size in bytes"),
            ("LimitCPU=1.5s", ":4: LimitCPU=: '1.5s' must be whole seconds"),
            ("LimitCPU=0", ":4: LimitCPU=: '0' must be between 1s and 30d"),
            (
                "MemoryMax=512M",
                ":4: MemoryMax= is called LimitAS= now: it limits the address space"
            ),
            ("CPUMax=1min", ":4: CPUMax= is called LimitCPU= now: it limits the processor time"),
            ("LimitNOFILE=2", ":4: LimitNOFILE=: '2' must be a number of 3 to 1048576"),
            ("LimitNOFILE=9:8", ":4: LimitNOFILE=: '9:8' must be a number of 3 to 1048576"),
            ("UMask=8", ":4: UMask=: '8' must be an octal number of 0000 to 0777"),
            ("UMask=1777", ":4: UMask=: '1777' must be an octal number of 0000 to 0777"),
            (
                "OOMScoreAdjust=2000",
                ":4: OOMScoreAdjust=: '2000' must be a number of -1000 to 1000"
            ),
            ("Result=yes", ":4: Result=: 'yes' must be keep or drop"),
            ("Retention=2y", ":4: Retention=: '2y' must be a span such as 500ms"),
            (
                "SuccessExitStatus=3\nDeadExitStatus=3",
                ":4: SuccessExitStatus=: 3 stands in DeadExitStatus= too"
            ),
        ])
    func wrong(lines: String, problem: String) throws {
        let stand = try ConfigurationStand()
        try stand.write(Self.good + lines, to: "etc/handlers.d/a.conf")
        let problems = try stand.problems()
        #expect(problems.count == 1, "\(problems)")
        #expect(
            problems.first?.hasPrefix("etc/handlers.d/a.conf\(problem)") == true, "\(problems)")
        #expect(throws: ConfigurationErrors.self) { try stand.load() }
    }

    @Test("a key that is nearly one of them is asked about")
    func suggestion() throws {
        let stand = try ConfigurationStand()
        try stand.write(Self.good + "Concurency=2", to: "etc/handlers.d/a.conf")
        try stand.write("[Retry]\nMaxAttemps=2\n[Deamon]\nX=1", to: "etc/jobqueued.conf")
        let problems = try stand.problems()
        #expect(problems.count == 3)
        for name in ["Concurrency", "MaxAttempts", "Daemon"] {
            #expect(problems.contains { $0.hasSuffix("; did you mean \(name)?") }, "\(problems)")
        }
    }

    @Test("of a command that runs on what it was started from is remembered, and no other")
    func files() throws {
        let stand = try ConfigurationStand()
        let script = try stand.directory.write("x", to: "work.py")
        try stand.write(
            "[Handler]\nType=a\nMode=persistent\nExec=/bin/echo -u \(script) work.py none\nWorkingDirectory=\(stand.directory.path)\n",
            to: "etc/handlers.d/a.conf")
        let before = try #require(try stand.load().options.commands.first)
        #expect(
            before.files.map(\.path) == [
                "/bin/echo", script, "\(stand.directory.path)/work.py", stand.directory.path,
            ])
        #expect(try stand.load().options.commands.first == before)
        try stand.directory.write("longer", to: "work.py")
        #expect(try stand.load().options.commands.first != before)
    }

    @Test(
        "a command that cannot be run is found when it is loaded",
        arguments: [
            ("Type=a", ": Exec= is missing in [Handler]; Type= and Exec= must be there"),
            ("Exec=/bin/true", ": Type= is missing in [Handler]; Type= and Exec= must be there"),
            (
                "Type=a b\nExec=/bin/true",
                ":2: Type=: 'a b' must be a type of job, or its beginning"
            ),
            ("Type=a\nExec=true", ":3: Exec=: 'true' must be an absolute path"),
            ("Type=a\nExec=/no/such --x", ":3: Exec=: cannot read /no/such: No such file"),
            ("Type=a\nExec=/etc/passwd", ":3: Exec=: /etc/passwd must be a file that the daemon's"),
            ("Type=a\nExec=/bin", ":3: Exec=: /bin must be a file that the daemon's user may exec"),
            ("Type=a\nExec=\"/bin/true", ":3: Exec=: the quote \" is not closed"),
        ])
    func command(lines: String, problem: String) throws {
        let stand = try ConfigurationStand()
        try stand.write("[Handler]\n\(lines)", to: "etc/handlers.d/a.conf")
        let problems = try stand.problems()
        #expect(problems.count == 1, "\(problems)")
        #expect(
            problems.first?.hasPrefix("etc/handlers.d/a.conf\(problem)") == true, "\(problems)")
    }
}
