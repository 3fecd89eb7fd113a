import TestSupport
import Testing

/// That a daemon which cannot start says why, with which exit code, stands in `StartFailureTests`.
@Suite("F13 A daemon that cannot start, and its password")
struct F13SecretTests {
    private static let password = "s3cr3t-w0rd"

    @Test("the password is in no line, page or answer, whatever becomes of the connection")
    func lifelong() async throws {
        let redis = try await RedisServer(password: Self.password)
        let port = try #require(redis.port)
        let notify = try NotifySocket()
        let daemon = try await DaemonProcess.ready(
            address: "redis://:\(Self.password)@127.0.0.1:\(port)",
            ["--demo", "--log-level", "debug", "--lease", "500ms"], environment: notify.environment)
        var shown = try await Self.all(of: daemon)

        let connection = try redis.connect()
        try connection.command(["CONFIG", "SET", "requirepass", "another"])
        try connection.command(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
        await eventually { try daemon.get("/healthz").body.contains("WRONGPASS") }
        shown += try await Self.all(of: daemon)
        try connection.command(["CONFIG", "SET", "requirepass", Self.password])
        await eventually(equals: 200) { try daemon.get("/healthz").status }
        try await redis.kill()
        await eventually(equals: 503) { try daemon.get("/healthz").status }
        shown += try await Self.all(of: daemon)

        try await daemon.drain()
        shown += daemon.log + daemon.child.standardOutput + notify.messages
        #expect(shown.contains { $0.contains("127.0.0.1:\(port)") })
        #expect(!shown.contains { $0.contains(Self.password) })
    }

    @Test(
        "a command line with a mistake in it is not repeated with its password",
        arguments: [
            (["--adr", "redis://:s3cr3t-w0rd@127.0.0.1"], 64),
            (["--adr=redis://:s3cr3t-w0rd@127.0.0.1"], 64),
            (["redis://me:s3cr3t-w0rd=@127.0.0.1"], 64),
            (["--addr", "redis://:s3cr3t-w0rd@127.0.0.1:port"], 78),
            (["--addr", "rediss://:s3cr3t-w0rd@127.0.0.1"], 78),
            (["--check", "--addr", "redis://:s3cr3t-w0rd@127.0.0.1"], 0),
        ])
    func mistakes(arguments: [String], status: Int) async throws {
        let daemon = try ChildProcess(product: "jobqueued", arguments)
        #expect(try await daemon.waitForEndOfOutput() == .exited(Int32(status)))
        let shown = daemon.standardError + daemon.standardOutput
        #expect(!shown.isEmpty)
        #expect(!shown.contains { $0.contains("s3cr3t-w0rd") }, "\(shown)")
    }

    /// What a daemon shows to whoever may look.
    private static func all(of daemon: DaemonProcess) async throws -> [String] {
        var shown = try ["/metrics", "/healthz", "/stats"].map { try daemon.get($0).body }
        for command in ["stats", "queues", "workers", "dead"] {
            let answer = try await daemon.control(command)
            shown += answer.output + answer.errors
        }
        return shown
    }
}
