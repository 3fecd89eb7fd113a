import Foundation
import TestSupport
import Testing

/// Started as the socket units start it, by a program of systemd that does the same.
@Suite("Socket activation")
struct SocketActivationTests {
    @Test(
        "the first jobqueuectl starts the daemon, which leaves the socket's file alone at its end")
    func control() async throws {
        let redis = try await RedisServer()
        let directory = try TemporaryDirectory()
        let socket = directory.file("control.sock")
        let daemon = try DaemonProcess(
            address: redis.address, ["--demo"], directory: directory,
            launcher: Self.launcher(["control": socket]))
        try await daemon.child.line(containing: "Listening on \(socket)")
        #expect(!daemon.log.contains { $0.contains("ready:") })
        let before = try inode(of: socket)

        try await daemon.done("stats")
        try await daemon.done("enqueue", "--type", "email:welcome")
        await eventually { try daemon.metric("jobqueue_slots") == 10 }
        #expect(try await daemon.drain() == .exited(0))
        #expect(try inode(of: socket) == before)
    }

    @Test("the first scrape starts the daemon, on the port that systemd has opened")
    func metrics() async throws {
        let redis = try await RedisServer()
        let port = try freePort()
        let daemon = try DaemonProcess(
            address: redis.address, launcher: Self.launcher(["metrics": "127.0.0.1:\(port)"]))
        try await daemon.child.line(containing: "Listening on 127.0.0.1:\(port)")
        #expect(["200", "503"].contains(try await status(port: port)))
        try await daemon.ready()
        #expect(try Int(daemon.port) == port)
        try await daemon.done("stats")
    }

    @Test(
        "a socket that is not known by its name, or of the wrong kind, ends the start with 78",
        arguments: [
            ("jobs", "named 'jobs' was passed; FileDescriptorName= of its unit must be control or"),
            ("control", "cannot use a socket that was passed: Protocol wrong type for socket"),
        ])
    func refused(name: String, reason: String) async throws {
        let redis = try await RedisServer()
        let port = try freePort()
        let daemon = try DaemonProcess(
            address: redis.address, launcher: Self.launcher([name: "127.0.0.1:\(port)"]))
        try await daemon.child.line(containing: "Listening on 127.0.0.1:\(port)")
        // It comes to an end before there is an answer.
        #expect(try await status(port: port) == "000")
        #expect(try await daemon.child.waitForExit() == .exited(78))
        try await daemon.child.line(containing: reason)
    }

    /// What a sanitizer's build needs in its environment, of which that program hands on next to nothing.
    private static let forSanitizers = ["LD_PRELOAD", "TSAN_OPTIONS", "ASAN_OPTIONS"]
        .filter { ProcessInfo.processInfo.environment[$0] != nil }

    private static func launcher(_ sockets: [String: String]) -> [String] {
        ["/usr/bin/systemd-socket-activate", "--fdname=\(sockets.keys.joined(separator: ":"))"]
            + sockets.values.map { "--listen=\($0)" } + forSanitizers.map { "--setenv=\($0)" }
    }

    /// What a scrape is answered, `000` for nothing.
    private func status(port: Int) async throws -> String? {
        let curl = try ChildProcess(
            "/usr/bin/env",
            [
                "curl", "--silent", "--noproxy", "*", "--max-time", "30", "--output", "/dev/null",
                "--write-out", "%{http_code}", "http://127.0.0.1:\(port)/healthz",
            ])
        try await curl.waitForEndOfOutput(within: .seconds(60))
        return curl.standardOutput.first
    }

    private func inode(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
    }
}
