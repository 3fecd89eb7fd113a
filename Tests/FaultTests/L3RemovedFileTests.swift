import Glibc
import TestSupport
import Testing

/// The SQLite file is dealt with in `MovedFileTests` and `SQLiteDaemonTests`.
@Suite("L3 Files that are removed under a daemon")
struct L3RemovedFileTests {
    @Test(
        "its lock and its control socket are made again, and clients and a second daemon meet it there"
    )
    func madeAgain() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address)
        let names = ["control.sock", "jobqueued.lock"].map { daemon.directory.file($0) }
        let lock = try daemon.directory.read("jobqueued.lock")
        for name in names { #expect(unlink(name) == 0) }
        for name in names {
            try await daemon.child.line(containing: "\(name) was removed, and is there again")
        }
        #expect(try daemon.directory.read("jobqueued.lock") == lock)
        try await daemon.done("stats")
        let second = try DaemonProcess(address: redis.address, directory: daemon.directory)
        #expect(try await second.child.waitForEndOfOutput() == .exited(78))
        #expect(try await daemon.drain() == .exited(0))
        #expect(access(names[0], F_OK) != 0)
    }

    @Test("another file in the socket's place is left alone, and told once")
    func replaced() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready(address: redis.address)
        unlink(daemon.directory.file("control.sock"))
        try daemon.directory.write("not ours", to: "control.sock")
        try await daemon.child.line(containing: "control.sock was removed or replaced: ")
        #expect(try await daemon.drain() == .exited(0))
        #expect(try daemon.directory.read("control.sock") == "not ours")
    }
}
