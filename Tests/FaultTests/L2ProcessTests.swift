import Glibc
import TestSupport
import Testing

@Suite(
    "L2 No further process and no further thread",
    .enabled(if: geteuid() == 0, "only root can start a daemon as another user"))
struct L2ProcessTests {
    private let user = "\(40_000 + getpid() % 20_000)"

    /// A daemon of a user whose limit of processes does not concern root.
    private func daemon(_ place: CommandPlace, _ arguments: [String] = []) async throws
        -> DaemonProcess
    {
        chmod(place.directory.path, 0o777)
        let runtime = try TemporaryDirectory()
        chmod(runtime.path, 0o777)
        return try await DaemonProcess.ready(
            "jobqueued-testd", address: "sqlite:\(place.directory.file("jobs.db"))",
            ["--config", place.directory.file("jobqueued.conf")] + arguments, directory: runtime,
            launcher: [
                "/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups",
            ])
    }

    private func setLimit(of daemon: DaemonProcess, _ limit: Int) async throws {
        let tool = try ChildProcess(
            "/usr/bin/setpriv",
            [
                "--reuid=\(user)", "--regid=\(user)", "--clear-groups", "/usr/bin/prlimit",
                "--pid", "\(daemon.child.pid)", "--nproc=\(limit):",
            ])
        #expect(try await tool.waitForExit() == .exited(0))
    }

    @Test("Swift handlers run, commands are put off with the reason, and all are done in the end")
    func putOff() async throws {
        let place = try CommandPlace()
        try place.handler("once", "#!/bin/sh\n")
        try place.handler(
            "on",
            #"""
            #!/bin/sh
            read line
            echo '{"id":"on","ok":true}'

            """#, more: "Mode=persistent")
        let daemon = try await daemon(place)
        try await setLimit(of: daemon, 1)
        try await daemon.done("enqueue", "--type", "test:job", "--count", "50")
        await eventually(equals: 50) { try daemon.processed() }
        for type in ["once", "on"] {
            try await daemon.done("enqueue", "--type", type, "--max-attempts", "1", "--id", type)
        }
        try await daemon.child.line(
            containing: "no attempt used: cannot start \(place.directory.file("once")): Resource")
        try await daemon.child.line(
            containing: "no attempt used: cannot start \(place.directory.file("on")): Resource")
        #expect(try daemon.get("/healthz").status == 200)
        #expect(try await daemon.control("reload").status != .exited(0))
        try await setLimit(of: daemon, 4096)
        await eventually("the command runs", within: .seconds(60)) { try daemon.processed() >= 51 }
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("a start that gets no thread says so")
    func start() async throws {
        let redis = try await RedisServer()
        let runtime = try TemporaryDirectory()
        chmod(runtime.path, 0o777)
        for limit in 1...4 {
            let daemon = try DaemonProcess(
                address: redis.address, directory: runtime,
                launcher: [
                    "/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups",
                    "/usr/bin/prlimit", "--nproc=\(limit)",
                ])
            #expect(try await daemon.child.waitForEndOfOutput() == .exited(70))
            #expect(daemon.log.contains { $0.contains("TasksMax=") }, "\(daemon.log)")
        }
    }

    @Test("a limit of address space in which it could not live: exit 78")
    func addressSpace() async throws {
        let redis = try await RedisServer()
        let daemon = try DaemonProcess(
            address: redis.address, launcher: ["/usr/bin/prlimit", "--as=100000000"])
        #expect(try await daemon.child.waitForEndOfOutput() == .exited(78))
        #expect(daemon.log.contains { $0.contains("MemoryMax=") }, "\(daemon.log)")
    }
}
