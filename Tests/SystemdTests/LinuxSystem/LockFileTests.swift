import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite("The lock of an instance")
struct LockFileTests {
    private let directory: TemporaryDirectory
    private let host = HostIdentity.current()
    private var path: String { directory.file("lock") }

    init() throws { directory = try TemporaryDirectory() }

    @Test("a second instance on the same directory is refused, and told who has it")
    func held() async throws {
        do {
            let first = try LockFile(path: path, host: host)
            #expect(throws: LockFileError.held(path: path, processID: getpid())) {
                _ = try LockFile(path: path, host: host)
            }
            #expect(first.formerWorker == nil)
        }
        await eventually(equals: nil) { try LockFile(path: path, host: host).formerWorker }
    }

    @Test("an instance that was killed leaves its lock, and who it was")
    func killed() async throws {
        try directory.write("worker=abc\n\(bootLines)\n", to: "lock")
        let holder = try ChildProcess(
            "/usr/bin/flock", [path, "sh", "-c", "echo held; exec sleep 60"])
        try await holder.line(containing: "held")
        #expect(throws: LockFileError.held(path: path, processID: nil)) {
            _ = try LockFile(path: path, host: host)
        }
        holder.signal(SIGKILL, wholeGroup: true)
        try await holder.waitForEndOfOutput()
        await eventually(equals: "abc") { try LockFile(path: path, host: host).formerWorker }
    }

    @Test("who it was is remembered until it says otherwise, also when it dies before that")
    func remembers() async throws {
        try LockFile(path: path, host: host).remember(worker: "a-rather-long-name-of-a-worker")
        for _ in 1...2 {
            await eventually(equals: "a-rather-long-name-of-a-worker") {
                try LockFile(path: path, host: host).formerWorker
            }
        }
        await remember("b")
        await eventually(equals: "b") { try LockFile(path: path, host: host).formerWorker }
    }

    @Test("what another boot or another machine has left is not believed")
    func foreign() async throws {
        for change in [\HostIdentity.bootID, \HostIdentity.machineID] {
            for value in ["other", nil] {
                await remember("a")
                var other = host
                other[keyPath: change] = value
                await eventually(equals: nil) {
                    try LockFile(path: path, host: other).formerWorker
                }
            }
        }
    }

    @Test(
        "damaged content is no worker and no obstacle",
        arguments: [
            "", "\n", "worker=", "worker=abc", "garbage\n\n", "worker=abc\npid=99999999999999\n",
            String(repeating: "x", count: 100_000), "\nworker=abc\n\n", "=\n==\n\n",
        ])
    func damaged(content: String) throws {
        try directory.write(content, to: "lock")
        let lock = try LockFile(path: path, host: host)
        #expect(lock.formerWorker == nil)
        try lock.remember(worker: "new")
        #expect(try directory.read("lock").hasPrefix("worker=new\n"))
        #expect(try directory.read("lock").utf8.count < 200)
    }

    @Test("what an interrupted write has left behind the content is not read")
    func tornWrite() throws {
        try directory.write(
            "worker=abc\n\(bootLines)\n\nboot=longer-content-of-before\nmachine=x\n", to: "lock")
        #expect(try LockFile(path: path, host: host).formerWorker == "abc")
    }

    @Test("a path that cannot be used says why")
    func unusable() throws {
        let missing = directory.file("missing/lock")
        #expect(throws: LockFileError.open(path: missing, errno: ENOENT)) {
            _ = try LockFile(path: missing, host: host)
        }
        symlink("elsewhere", directory.file("link"))
        #expect(throws: LockFileError.open(path: directory.file("link"), errno: ELOOP)) {
            _ = try LockFile(path: directory.file("link"), host: host)
        }
        #expect(throws: LockFileError.open(path: directory.path, errno: EISDIR)) {
            _ = try LockFile(path: directory.path, host: host)
        }
    }

    /// Takes the lock, says who it is and lets go. Like each taking of a lock that was held just now,
    /// it may have to wait: another test that starts a process at this moment lends the process its
    /// descriptors until that is another program.
    private func remember(_ worker: String) async {
        await eventually {
            try LockFile(path: path, host: host).remember(worker: worker)
            return true
        }
    }

    private var bootLines: String {
        "boot=\(host.bootID ?? "")\nmachine=\(host.machineID ?? "")\n"
    }
}
