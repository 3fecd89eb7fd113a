import Foundation
import Glibc
import TestSupport
import Testing

@Suite("C3 Something else in the place of the control socket")
struct C3SocketFileTests {
    @Test("the socket of a daemon that was killed is replaced")
    func stale() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        try await daemon.kill()
        #expect(access(daemon.directory.file("control.sock"), F_OK) == 0, "it was left behind")
        try daemon.restart()
        try await daemon.ready()
        try await daemon.done("stats")
        try await daemon.drain()
        #expect(access(daemon.directory.file("control.sock"), F_OK) != 0, "a drain takes it away")
    }

    @Test("a symbolic link, a file, a directory or a living socket is left alone: exit 78")
    func others() async throws {
        let redis = try await RedisServer()
        for kind in ["symlink", "dangling", "file", "directory", "socket"] {
            let directory = try TemporaryDirectory()
            let path = directory.file("control.sock")
            var listener: Int32 = -1
            switch kind {
            case "symlink":
                try directory.write("kept", to: "target")
                #expect(symlink(directory.file("target"), path) == 0)
            case "dangling": #expect(symlink(directory.file("nowhere"), path) == 0)
            case "file": try directory.write("kept", to: "control.sock")
            case "directory": #expect(mkdir(path, 0o700) == 0)
            default: listener = try Self.listen(at: path)
            }
            defer { if listener >= 0 { close(listener) } }
            var before = stat()
            #expect(lstat(path, &before) == 0)
            let daemon = try DaemonProcess(
                "jobqueued-testd", address: redis.address, directory: directory)
            #expect(try await daemon.child.waitForEndOfOutput() == .exited(78), "\(kind)")
            let errors = daemon.log.filter { $0.hasPrefix("ERROR") }
            #expect(errors.count == 1 && errors.first?.contains(path) == true, "\(daemon.log)")
            var after = stat()
            #expect(lstat(path, &after) == 0)
            #expect(after.st_ino == before.st_ino && after.st_mode == before.st_mode, "\(kind)")
            #expect(access(directory.file("nowhere"), F_OK) != 0)
            if kind == "symlink" { #expect(try directory.read("target") == "kept") }
        }
    }

    @Test("a path of more than 107 bytes, or one that is relative, is refused: exit 78")
    func paths() async throws {
        for path in ["/tmp/" + String(repeating: "x", count: 103), "control.sock", ""] {
            let daemon = try ChildProcess(product: "jobqueued", ["--control", path])
            #expect(try await daemon.waitForEndOfOutput() == .exited(78))
            #expect(daemon.standardError.first?.contains("--control") == true)
        }
    }

    /// A socket that somebody listens on.
    private static func listen(at path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try SocketAddress.unix(path: path).listen(on: descriptor)
        return descriptor
    }
}
