// swift-tools-version: 6.2
import PackageDescription

/// Every target: Swift 6, warnings are errors, an async function runs where its caller runs.
let common: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .define("FAILPOINTS", .when(configuration: .debug)),
]

/// Every target that has no C pointer in it: the compiler keeps it so.
let safe: [SwiftSetting] = common + [.strictMemorySafety()]

/// The allocator of programs that run jobs. Sanitizers bring their own, and bear no other.
let allocator: [Target.Dependency] =
    Context.environment["SANITIZED"] == nil ? ["CAllocator"] : []

let package = Package(
    name: "jobqueued",
    products: [
        .executable(name: "jobqueued", targets: ["jobqueued"]),
        .executable(name: "jobqueuectl", targets: ["jobqueuectl"]),
        .library(name: "JobDaemon", targets: ["JobDaemon"]),
        .library(name: "JobQueue", targets: ["JobQueue"]),
        // For tests alone: preloaded into a daemon, it sets its date wrong.
        .library(name: "ClockShift", type: .dynamic, targets: ["ClockShift"]),
    ],
    targets: [
        // The C libraries: module maps and what Swift cannot import by itself.
        .systemLibrary(name: "CHiredis"),
        .systemLibrary(name: "CSystemd"),
        .systemLibrary(name: "CMicrohttpd"),
        .systemLibrary(name: "CSQLite"),
        .target(name: "CLinux"),
        // The allocator of the daemon: no code calls it.
        .target(name: "CAllocator", linkerSettings: [.linkedLibrary("jemalloc")]),

        // The wrappers: the only places with C pointers.
        .target(name: "EventLoop", dependencies: ["CSystemd", "CLinux"], swiftSettings: common),
        .target(name: "LinuxSystem", dependencies: ["CLinux"], swiftSettings: common),
        .target(name: "Systemd", dependencies: ["CSystemd"], swiftSettings: common),
        .target(name: "Redis", dependencies: ["CHiredis", "EventLoop"], swiftSettings: common),
        .target(name: "SQLite", dependencies: ["CSQLite"], swiftSettings: common),
        .target(
            name: "HTTPServer", dependencies: ["CMicrohttpd", "EventLoop"], swiftSettings: common),

        // Programs as child processes; its C is in LinuxSystem.
        .target(
            name: "ChildProcesses", dependencies: ["EventLoop", "LinuxSystem"], swiftSettings: safe),

        // The domain, and the broker on Redis.
        .target(name: "JobQueue", swiftSettings: safe),
        .target(
            name: "RedisBroker",
            dependencies: ["JobQueue", "Redis", "EventLoop"],
            resources: [.embedInCode("Scripts")],
            swiftSettings: safe),

        // The embedded broker.
        .target(
            name: "SQLiteBroker",
            dependencies: ["JobQueue", "SQLite", "LinuxSystem"],
            resources: [.embedInCode("Schema")],
            swiftSettings: safe),

        // Commands as handlers.
        .target(
            name: "ExecHandler",
            dependencies: ["JobQueue", "ChildProcesses", "EventLoop", "LinuxSystem"],
            swiftSettings: safe),

        // The control protocol, and the daemon that ties all together.
        .target(
            name: "JobControl", dependencies: ["LinuxSystem", "EventLoop"],
            resources: [.embedInCode("io.jobqueue.Control.varlink")],
            swiftSettings: safe),
        .target(
            name: "JobDaemon",
            dependencies: [
                "JobQueue", "RedisBroker", "SQLiteBroker", "JobControl", "ChildProcesses", "Redis",
                "Systemd", "HTTPServer", "EventLoop", "LinuxSystem", "ExecHandler",
            ],
            swiftSettings: safe),

        // The programs: arguments and exit codes.
        .executableTarget(
            name: "jobqueued", dependencies: ["JobDaemon", "JobQueue"] + allocator,
            swiftSettings: safe),
        .executableTarget(
            name: "jobqueuectl", dependencies: ["JobControl", "LinuxSystem"], swiftSettings: safe),

        // The benchmark, the bare commands in C that it is held against, and a daemon for it.
        .executableTarget(
            name: "jobqueue-bench",
            dependencies: [
                "JobQueue", "RedisBroker", "Redis", "SQLiteBroker", "EventLoop", "JobDaemon",
                "ExecHandler", "ChildProcesses",
            ] + allocator,
            swiftSettings: safe),
        .executableTarget(
            name: "bench-limit", dependencies: ["CHiredis"], path: "Benchmarks/limit",
            linkerSettings: [.linkedLibrary("hiredis")]),
        .executableTarget(
            name: "bench-daemon", dependencies: ["JobDaemon", "JobQueue"] + allocator,
            path: "Benchmarks/daemon", swiftSettings: safe),

        // Tests mirror the sources; TestSupport starts the real servers that they need.
        .target(
            name: "TestSupport",
            dependencies: ["LinuxSystem", "EventLoop", "Redis"],
            path: "Tests/TestSupport", swiftSettings: common),
        .testTarget(
            name: "EventLoopTests", dependencies: ["EventLoop", "LinuxSystem", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "RedisTests", dependencies: ["Redis", "EventLoop", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "SQLiteTests", dependencies: ["SQLite", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: ["HTTPServer", "EventLoop", "LinuxSystem", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "SystemdTests", dependencies: ["Systemd", "LinuxSystem", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "ChildProcessesTests",
            dependencies: ["ChildProcesses", "EventLoop", "LinuxSystem", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "ExecHandlerTests",
            dependencies: [
                "ExecHandler", "ChildProcesses", "JobQueue", "JobDaemon", "EventLoop",
                "LinuxSystem", "TestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "JobQueueTests", dependencies: ["JobQueue", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "BrokerTests",
            dependencies: [
                "JobQueue", "RedisBroker", "Redis", "SQLiteBroker", "SQLite", "EventLoop",
                "JobDaemon", "TestSupport", "jobqueue-testload",
            ],
            swiftSettings: common),
        .testTarget(
            name: "JobControlTests",
            dependencies: ["JobControl", "EventLoop", "LinuxSystem", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "JobDaemonTests",
            dependencies: [
                "JobDaemon", "JobQueue", "JobControl", "RedisBroker", "Redis", "Systemd",
                "HTTPServer", "ChildProcesses", "EventLoop", "LinuxSystem", "ExecHandler",
                "TestSupport", "jobqueued",
            ],
            swiftSettings: common),
        .target(name: "ClockShift", path: "Tests/ClockShift"),
        .target(
            name: "CPowerCut", path: "Tests/CPowerCut",
            linkerSettings: [.linkedLibrary("sqlite3")]),
        .executableTarget(
            name: "jobqueue-testload",
            dependencies: ["CPowerCut", "JobQueue", "SQLiteBroker", "LinuxSystem"],
            path: "Tests/TestLoad", swiftSettings: common),
        .executableTarget(
            name: "jobqueued-testd", dependencies: ["JobDaemon", "JobQueue"] + allocator,
            path: "Tests/TestDaemon", swiftSettings: common),
        .executableTarget(
            name: "jobqueue-torture",
            dependencies: [
                "JobDaemon", "JobQueue", "RedisBroker", "Redis", "SQLite", "EventLoop",
                "LinuxSystem", "TestSupport",
            ],
            path: "Tests/Torture", exclude: ["run-seeds.sh", "seeds.txt"],
            swiftSettings: common),
        // What reads foreign bytes is tried with any; libFuzzer chooses them (`make fuzz`).
        .target(name: "LibFuzzer", path: "Tests/Fuzz/LibFuzzer"),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "JobQueue", "JobControl", "JobDaemon", "RedisBroker", "Redis", "EventLoop",
                "LinuxSystem", "TestSupport",
            ],
            path: "Tests/Fuzz/Targets", swiftSettings: common),
        .executableTarget(
            name: "jobqueue-fuzz", dependencies: ["FuzzTargets", "LibFuzzer", "TestSupport"],
            path: "Tests/Fuzz/Program", swiftSettings: common),
        .testTarget(
            name: "FuzzTests", dependencies: ["FuzzTargets"], swiftSettings: common),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "TestSupport", "JobQueue", "RedisBroker", "Redis", "EventLoop", "JobDaemon",
                "jobqueued", "jobqueuectl", "jobqueued-testd", "jobqueue-torture",
            ],
            exclude: ["README.md"],
            swiftSettings: common),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "TestSupport", "SQLite", "jobqueued", "jobqueuectl", "jobqueued-testd",
            ],
            swiftSettings: common),
        // What is shipped beside the programs: manual pages, units, rules, dashboards.
        .testTarget(
            name: "PackagingTests",
            dependencies: [
                "TestSupport", "JobQueue", "JobControl", "JobDaemon", "jobqueued", "jobqueuectl",
            ],
            swiftSettings: common),
        .testTarget(
            name: "BenchmarkTests",
            dependencies: [
                "TestSupport", "jobqueue-bench", "bench-limit", "bench-daemon", "jobqueued",
            ],
            swiftSettings: common),
    ]
)
