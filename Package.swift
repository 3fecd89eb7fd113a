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
        .target(name: "CLinux"),

        // The wrappers: the only places with C pointers.
        .target(name: "EventLoop", dependencies: ["CSystemd", "CLinux"], swiftSettings: common),
        .target(name: "LinuxSystem", dependencies: ["CLinux"], swiftSettings: common),
        .target(name: "Systemd", dependencies: ["CSystemd"], swiftSettings: common),
        .target(name: "Redis", dependencies: ["CHiredis", "EventLoop"], swiftSettings: common),
        .target(
            name: "HTTPServer", dependencies: ["CMicrohttpd", "EventLoop"], swiftSettings: common),

        // The domain, and the broker on Redis.
        .target(name: "JobQueue", swiftSettings: safe),
        .target(
            name: "RedisBroker",
            dependencies: ["JobQueue", "Redis", "EventLoop"],
            resources: [.embedInCode("Scripts")],
            swiftSettings: safe),

        // The control protocol, and the daemon that ties all together.
        .target(
            name: "JobControl", dependencies: ["LinuxSystem", "EventLoop"],
            resources: [.embedInCode("io.jobqueue.Control.varlink")],
            swiftSettings: safe),
        .target(
            name: "JobDaemon",
            dependencies: [
                "JobQueue", "RedisBroker", "JobControl", "Redis", "Systemd", "HTTPServer",
                "EventLoop", "LinuxSystem",
            ],
            swiftSettings: safe),

        // The programs: arguments and exit codes.
        .executableTarget(
            name: "jobqueued", dependencies: ["JobDaemon", "JobQueue"], swiftSettings: safe),
        .executableTarget(
            name: "jobqueuectl", dependencies: ["JobControl", "LinuxSystem"], swiftSettings: safe),
        .executableTarget(
            name: "jobqueue-bench",
            dependencies: ["JobQueue", "RedisBroker", "Redis", "EventLoop", "JobDaemon"],
            swiftSettings: safe),

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
            name: "HTTPServerTests",
            dependencies: ["HTTPServer", "EventLoop", "LinuxSystem", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "SystemdTests", dependencies: ["Systemd", "LinuxSystem", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "JobQueueTests", dependencies: ["JobQueue", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "BrokerTests",
            dependencies: [
                "JobQueue", "RedisBroker", "Redis", "EventLoop", "JobDaemon", "TestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "JobControlTests", dependencies: ["JobControl", "LinuxSystem", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "JobDaemonTests",
            dependencies: ["JobDaemon", "JobQueue", "JobControl", "EventLoop", "TestSupport"],
            swiftSettings: common),
        .target(name: "ClockShift", path: "Tests/ClockShift"),
        .executableTarget(
            name: "jobqueued-testd", dependencies: ["JobDaemon", "JobQueue"],
            path: "Tests/TestDaemon", swiftSettings: common),
        .executableTarget(
            name: "jobqueue-torture",
            dependencies: [
                "JobDaemon", "JobQueue", "RedisBroker", "Redis", "EventLoop", "TestSupport",
            ],
            path: "Tests/Torture", swiftSettings: common),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "TestSupport", "jobqueued", "jobqueuectl", "jobqueued-testd", "jobqueue-torture",
            ],
            exclude: ["README.md"],
            swiftSettings: common),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["TestSupport", "jobqueued", "jobqueuectl", "jobqueued-testd"],
            swiftSettings: common),
    ]
)
