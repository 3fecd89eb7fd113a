import Foundation
import LinuxSystem
import TestSupport
import Testing

@Suite("C3: the control socket's file")
struct SocketFileTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("control.sock")
    }

    private func mode() throws -> mode_t {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return status.st_mode
    }

    private func answers() throws -> Bool {
        _ = try UnixSocket.connect(path: path, timeout: .seconds(10))
        return true
    }

    private func refusal() -> SystemError? {
        #expect(throws: SystemError.self) { _ = try UnixSocket.listen(path: path, mode: 0o600) }
    }

    @Test("is a socket for whom it should be for", arguments: [0o600, 0o660, 0o666] as [UInt32])
    func fresh(mode wanted: UInt32) throws {
        let listener = try UnixSocket.listen(path: path, mode: wanted)
        #expect(try mode() == S_IFSOCK | wanted)
        #expect(try answers())
        withExtendedLifetime(listener) {}
    }

    @Test("is replaced when the daemon that made it is dead")
    func stale() async throws {
        try await leaveSocket(at: path)
        #expect(throws: SystemError.self) { try answers() }
        let listener = try UnixSocket.listen(path: path, mode: 0o640)
        #expect(try mode() == S_IFSOCK | 0o640)
        #expect(try answers())
        withExtendedLifetime(listener) {}
    }

    @Test("is left alone while another process listens on it, which hears of it")
    func live() throws {
        let listener = try UnixSocket.listen(path: path, mode: 0o600)
        #expect(refusal() == .inUse(path: path))
        #expect(
            refusal()?.description
                == "another process listens on \(path); stop it, or choose another path")
        #expect(try answers())
        withExtendedLifetime(listener) {}
    }

    @Test("is left alone when what listens on it is too busy to answer")
    func busy() throws {
        // A queue of one place, in which nobody is let in.
        let listener = try UnixSocket.listen(path: path, mode: 0o600)
        try #require(listen(listener.number, 0) == 0)
        let waiting = try UnixSocket.connect(path: path, timeout: .seconds(10))
        #expect(refusal() == .inUse(path: path))
        withExtendedLifetime(listener) {}
        withExtendedLifetime(waiting) {}
    }

    @Test("is left alone when it is a socket of another type")
    func datagrams() throws {
        let manager = try NotifySocket()
        let error = #expect(throws: SystemError.self) {
            _ = try UnixSocket.listen(path: manager.path, mode: 0o600)
        }
        #expect(error == .inUse(path: manager.path))
    }

    @Test("is not made in the place of a file, which keeps what it holds")
    func file() throws {
        try directory.write("precious", to: "control.sock")
        #expect(refusal() == .notASocket(path: path, kind: "a file"))
        #expect(
            refusal()?.description
                == "\(path) is a file and no socket; it is left alone: move it away, or choose "
                + "another path")
        #expect(try directory.read("control.sock") == "precious")
    }

    @Test("is not made in the place of a directory or a named pipe")
    func others() throws {
        try #require(mkdir(path, 0o700) == 0)
        #expect(refusal() == .notASocket(path: path, kind: "a directory"))
        try #require(rmdir(path) == 0 && mkfifo(path, 0o600) == 0)
        #expect(refusal() == .notASocket(path: path, kind: "a named pipe"))
        #expect(try mode() & S_IFMT == S_IFIFO)
    }

    @Test(
        "is not made in the place of a symbolic link, wherever it points",
        arguments: ["/etc/passwd", "nothing-there", "target.sock"])
    func link(target: String) throws {
        _ = try UnixSocket.listen(path: directory.file("target.sock"), mode: 0o600)
        try #require(symlink(target, path) == 0)
        #expect(refusal() == .notASocket(path: path, kind: "a symbolic link"))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == target)
        #expect(access(directory.file("target.sock"), F_OK) == 0)
        #expect(access(directory.file("nothing-there"), F_OK) != 0)
    }

    @Test("may have a path of 107 bytes")
    func longPath() throws {
        let name = String(repeating: "x", count: 107 - directory.path.utf8.count - 1)
        let path = directory.file(name)
        try #require(path.utf8.count == 107)
        let listener = try UnixSocket.listen(path: path, mode: 0o600)
        _ = try UnixSocket.connect(path: path, timeout: .seconds(10))
        withExtendedLifetime(listener) {}
    }

    @Test("is refused with a clear error when its path is longer, and nothing is made")
    func tooLongPath() throws {
        let name = String(repeating: "x", count: 108 - directory.path.utf8.count - 1)
        let path = directory.file(name)
        let error = #expect(throws: SystemError.self) {
            _ = try UnixSocket.listen(path: path, mode: 0o600)
        }
        #expect(error == .pathTooLong(path: path))
        #expect(
            error?.description
                == "the socket path \(path) has 108 bytes, and a socket's path may have at most "
                + "107; choose a shorter one")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
        #expect(throws: SystemError.pathTooLong(path: path)) {
            _ = try UnixSocket.connect(path: path, timeout: .seconds(1))
        }
    }

    @Test(
        "is refused when its path names no file",
        arguments: [("", "is empty"), ("/tmp/a\u{0}b", "has a NUL byte in it")])
    func unusablePath(path: String, reason: String) {
        let error = #expect(throws: SystemError.self) {
            _ = try UnixSocket.listen(path: path, mode: 0o600)
        }
        #expect(error == .pathUnusable(path: path))
        #expect(error?.description == "the socket path \(reason); name a file")
    }

    @Test("is missed in a directory that is not there, and the error says so")
    func noDirectory() {
        let path = directory.file("none/control.sock")
        let error = #expect(throws: SystemError.self) {
            _ = try UnixSocket.listen(path: path, mode: 0o600)
        }
        #expect(
            error?.description
                == "cannot bind \(path): No such file or directory; does its directory exist?")
    }

    @Test("is removed at the end, and nothing else that lies there")
    func remove() async throws {
        try UnixSocket.remove(path: path)
        try await leaveSocket(at: path)
        try UnixSocket.remove(path: path)
        #expect(access(path, F_OK) != 0)
        try directory.write("precious", to: "control.sock")
        try UnixSocket.remove(path: path)
        #expect(try directory.read("control.sock") == "precious")
    }
}
