import Foundation
import Glibc
import TestSupport
import Testing

/// The socket is opened to everybody here: what is refused is refused by who asks, not by its mode.
@Suite(
    "C2 A user who may not", .enabled(if: geteuid() == 0, "another user can be had by root alone"))
struct C2AccessTests {
    private static let nobody = 65_534

    @Test("is refused by its credentials, which are logged; nothing is changed")
    func refused() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        try Self.open(daemon)
        try await daemon.done("pause")
        try await daemon.done("enqueue", "--type", "test:job", "--id", "t-1")
        let before = try BareQueue(redis).pending

        for call in [
            #"{"method":"io.jobqueue.Control.GetStats"}"#,
            #"{"method":"io.jobqueue.Control.Enqueue","parameters":{"type":"test:job"}}"#,
            #"{"method":"io.jobqueue.Control.Resume"}"#,
            #"{"method":"io.jobqueue.Control.Delete","parameters":{"ids":["t-1"]}}"#,
            #"{"method":"io.jobqueue.Control.Drain"}"#,
        ] {
            let client = try Self.call(call, on: daemon)
            #expect(try await client.waitForEndOfOutput() == .exited(0), "\(client.standardError)")
            let answer = BareQueue.fields(of: try #require(client.standardOutput.first))
            #expect(answer["error"] as? String == "io.jobqueue.Control.PermissionDenied")
            let parameters = try #require(answer["parameters"] as? [String: Any])
            #expect(parameters["uid"] as? Int == Self.nobody)
            try await daemon.child.line(containing: "pid \(client.pid), uid \(Self.nobody)")
        }
        #expect(try BareQueue(redis).pending == before)
        #expect(try redis.command(["EXISTS", "jq:{default}:paused"]).integer == 1)
        #expect(daemon.child.exitStatus == nil)
        #expect(!daemon.log.contains { $0.contains("draining") })
    }

    @Test("may learn what this service is")
    func serviceInfo() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        try Self.open(daemon)
        let client = try Self.call(#"{"method":"org.varlink.service.GetInfo"}"#, on: daemon)
        #expect(try await client.waitForEndOfOutput() == .exited(0))
        #expect(client.standardOutput.first?.contains("io.jobqueue.Control") == true)
    }

    private static func open(_ daemon: DaemonProcess) throws {
        guard chmod(daemon.directory.path, 0o755) == 0,
            chmod(daemon.directory.file("control.sock"), 0o666) == 0
        else { throw TestSupportError("the socket cannot be opened to everybody") }
    }

    /// Sends one frame as somebody else, and prints the answer.
    private static func call(_ frame: String, on daemon: DaemonProcess) throws -> ChildProcess {
        let script = """
            import os, socket, sys
            os.setgroups([])
            os.setresgid(\(nobody), \(nobody), \(nobody))
            os.setresuid(\(nobody), \(nobody), \(nobody))
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(10)
            client.connect(sys.argv[1])
            client.sendall(sys.argv[2].encode() + b"\\0")
            print(client.recv(1 << 16).split(b"\\0")[0].decode())
            """
        return try ChildProcess(
            "/usr/bin/python3", ["-c", script, daemon.directory.file("control.sock"), frame])
    }
}
