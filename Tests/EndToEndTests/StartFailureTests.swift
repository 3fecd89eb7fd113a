import Glibc
import TestSupport
import Testing

@Suite("A daemon that cannot start says why, in one line")
struct StartFailureTests {
    @Test(
        "bad flags",
        arguments: [
            (["--no-such"], 64, "unknown argument '--no-such'"),
            (["--concurrency"], 64, "--concurrency needs a value"),
            (["--concurrency", "0"], 78, "1 to 10000"),
            (["--lease", "-1s"], 78, "--lease"),
            (["--addr", "ftp://x"], 78, "redis://"),
            (["--addr", "unix:/" + String(repeating: "x", count: 107)], 78, "107 bytes"),
            (["--queues", "A B"], 78, "no name of a queue"),
            (["--namespace", "a{b}"], 78, "--namespace"),
        ])
    func flags(_ arguments: [String], _ status: Int32, _ text: String) async throws {
        let daemon = try ChildProcess(product: "jobqueued", arguments)
        #expect(try await daemon.waitForEndOfOutput() == .exited(status))
        #expect(daemon.standardError.count == 1)
        #expect(daemon.standardError.first?.contains(text) == true, "\(daemon.standardError)")
    }

    @Test("a port that is taken: exit 78")
    func busyPort() async throws {
        let redis = try await RedisServer()
        let port = try #require(redis.port)
        let daemon = try DaemonProcess(
            address: redis.address, ["--metrics-addr", "127.0.0.1:\(port)"])
        try await expectFailure(of: daemon, 78, "127.0.0.1:\(port)")
    }

    @Test("nobody at the address: exit 69 when the wait is over")
    func unreachable() async throws {
        let port = try freePort()
        let daemon = try DaemonProcess(address: "127.0.0.1:\(port)", ["--broker-wait", "300ms"])
        #expect(try await daemon.child.waitForEndOfOutput() == .exited(69))
        #expect(daemon.log.last?.contains("gave up after 300ms") == true, "\(daemon.log)")
        #expect(daemon.log.last?.contains("--addr") == true)
    }

    @Test("a wrong password: exit 77, and the password is in no line")
    func wrongPassword() async throws {
        let redis = try await RedisServer(password: "right")
        let port = try #require(redis.port)
        let daemon = try DaemonProcess(address: "redis://:s3cr3t-w0rd@127.0.0.1:\(port)")
        try await expectFailure(of: daemon, 77, "WRONGPASS")
        #expect(!daemon.log.contains { $0.contains("s3cr3t-w0rd") })
    }

    @Test("no password where one is needed: exit 77")
    func noPassword() async throws {
        let redis = try await RedisServer(password: "right")
        try await expectFailure(
            of: try DaemonProcess(address: redis.address), 77,
            "LoadCredential=redis-password")
    }

    @Test("a database that is not there: exit 77")
    func wrongDatabase() async throws {
        let redis = try await RedisServer()
        let port = try #require(redis.port)
        try await expectFailure(
            of: try DaemonProcess(address: "redis://127.0.0.1:\(port)/99"), 77, "DB index")
    }

    @Test("a replica: it is waited until it is a master; exit 69 when the wait is over")
    func replica() async throws {
        let redis = try await RedisServer()
        try redis.command(["REPLICAOF", "127.0.0.1", "\(try freePort())"])
        let waiting = try DaemonProcess(address: redis.address)
        let hasty = try DaemonProcess(address: redis.address, ["--broker-wait", "500ms"])
        try await expectFailure(of: hasty, 69, "replica")
        try await waiting.child.line(containing: "it is a replica")
        try redis.command(["REPLICAOF", "NO", "ONE"])
        try await waiting.ready()
        #expect(try await waiting.drain() == .exited(0))
    }

    @Test("a Redis without room for one more client is waited for; exit 69 when the wait is over")
    func maxClients() async throws {
        let redis = try await RedisServer()
        let connection = try redis.connect()
        try connection.command(["CONFIG", "SET", "maxclients", "1"])
        let waiting = try DaemonProcess(address: redis.address)
        let hasty = try DaemonProcess(address: redis.address, ["--broker-wait", "500ms"])
        #expect(try await hasty.child.waitForEndOfOutput() == .exited(69))
        #expect(hasty.log.last?.contains("gave up after 500ms") == true, "\(hasty.log)")
        #expect(waiting.child.exitStatus == nil)
        try connection.command(["CONFIG", "SET", "maxclients", "100"])
        try await waiting.ready()
        #expect(try await waiting.drain() == .exited(0))
    }

    @Test("a name with two addresses, of which one is dead: the other one is used")
    func twoAddresses() async throws {
        let redis = try await RedisServer()
        let port = try #require(redis.port)
        // Debian's /etc/hosts has both for it, and Redis listens on one of them.
        let daemon = try await DaemonProcess.ready(address: "localhost:\(port)")
        #expect(try await daemon.drain() == .exited(0))
    }

    @Test("a Redis that may evict jobs: exit 77, unless that is allowed")
    func eviction() async throws {
        let redis = try await RedisServer(arguments: [
            "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru",
        ])
        try await expectFailure(of: try DaemonProcess(address: redis.address), 77, "allkeys-lru")
        let allowed = try await DaemonProcess.ready(address: redis.address, ["--allow-eviction"])
        try await allowed.drain()
    }

    @Test("the password may come as a credential of systemd")
    func credential() async throws {
        let redis = try await RedisServer(password: "right")
        let credentials = try TemporaryDirectory()
        try credentials.write("right\n", to: "redis-password", mode: 0o400)
        let daemon = try await DaemonProcess.ready(
            address: redis.address, environment: ["CREDENTIALS_DIRECTORY": credentials.path])
        try await daemon.drain()
    }

    @Test("a missing append-only file is told loudly")
    func persistence() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address)
        try await daemon.child.line(containing: "appendonly")
        let safe = try await RedisServer(appendOnly: true)
        let quiet = try await DaemonProcess.ready(address: safe.address)
        #expect(!quiet.log.contains { $0.contains("appendonly") })
    }

    /// One line of level error, which says `text`.
    private func expectFailure(
        of daemon: DaemonProcess, _ status: Int32, _ text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(
            try await daemon.child.waitForEndOfOutput() == .exited(status),
            sourceLocation: sourceLocation)
        let errors = daemon.log.filter { $0.hasPrefix("ERROR") }
        #expect(errors.count == 1, "\(daemon.log)", sourceLocation: sourceLocation)
        #expect(
            errors.first?.contains(text) == true, "\(daemon.log)",
            sourceLocation: sourceLocation)
    }
}
