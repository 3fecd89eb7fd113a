import Foundation
import JobQueue
import TestSupport
import Testing

@testable import JobDaemon

@Suite("One instance of the daemon on a machine")
struct InstanceTests {
    private let directory: TemporaryDirectory
    private let log = LogCapture()

    init() throws { directory = try TemporaryDirectory() }

    /// Takes the lock, which may be held a moment longer than its owner lives: by a process that
    /// another test is just starting.
    private func instance() async throws -> Instance {
        var instance: Instance?
        await eventually {
            instance = try Instance(directory: directory.path, log: log)
            return true
        }
        return try #require(instance)
    }

    private func failure(in directory: String) -> StartFailure? {
        #expect(throws: StartFailure.self) { _ = try Instance(directory: directory, log: log) }
    }

    @Test("knows itself, and no former self at its first start")
    func first() async throws {
        let instance = try await instance()
        #expect(instance.formerWorker == nil)
        #expect(instance.host.processID == getpid())
        let text = try directory.read("jobqueued.lock")
        #expect(text.contains("pid=\(getpid())\n") && !text.contains("worker="))
    }

    @Test("knows who it was when it is started again")
    func again() async throws {
        let first = WorkerID(unixMilliseconds: 1, random: 1)
        let second = WorkerID(unixMilliseconds: 2, random: 2)
        do {
            let instance = try await instance()
            instance.remember(first)
            instance.remember(second)
        }
        #expect(try await instance().formerWorker == second)
        // Also when it has not claimed anything under a new name since.
        #expect(try await instance().formerWorker == second)
        #expect(log.records.value.isEmpty)
    }

    @Test("a second one on the same directory is refused (78), with the process that has the lock")
    func second() async throws {
        let instance = try await instance()
        let failure = failure(in: directory.path)
        #expect(failure?.code == .configuration)
        #expect(
            failure?.description
                == "\(directory.file("jobqueued.lock")) is locked by another jobqueued (pid "
                + "\(getpid())); a second instance needs a runtime directory of its own")
        withExtendedLifetime(instance) {}
    }

    @Test("a directory that is not there, or is none, is refused (78) with what to look at")
    func noDirectory() throws {
        let file = try directory.write("", to: "file")
        for path in [directory.file("none"), file] {
            let failure = failure(in: path)
            #expect(failure?.code == .configuration)
            #expect(
                failure?.description.hasPrefix("cannot open \(path)/jobqueued.lock: ") == true)
            #expect(
                failure?.description.hasSuffix("; does the directory exist, and is it ours?")
                    == true)
        }
    }

    @Test(
        "what a lock file says that is not ours is not believed",
        arguments: [
            "", "garbage", "worker=w1\n\n", "worker=w1\nboot=other\nmachine=other\n\n",
            "worker=a b\u{1B}\n\n", "\u{0}\u{0}",
        ])
    func foreign(content: String) async throws {
        try directory.write(content, to: "jobqueued.lock")
        #expect(try await instance().formerWorker == nil)
    }

    @Test("a name that no worker can have is not taken for one")
    func badName() async throws {
        do { _ = try await instance() }
        let text = try directory.read("jobqueued.lock")
        try directory.write("worker=../../etc\n" + text, to: "jobqueued.lock")
        #expect(try await instance().formerWorker == nil)
    }
}
