import ChildProcesses
import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite("Stopping a program", .timeLimit(.minutes(5)))
struct ChildStopTests {
    @Test("a program that is cancelled is asked to end, and has the time to put things in order")
    func asked() async throws {
        try await withChildren { children in
            let script = "trap 'echo bye; exit 5' TERM; echo hello; while :; do sleep 0.01; done"
            let child = Background(.shell(script), in: children)
            #expect(try await child.texts() == ["hello"])
            child.cancel()
            let result = try await child.result
            #expect(result.end == .exited(5))
            #expect(result.wasStopped)
            #expect(try await child.texts(2) == ["hello", "bye"])
        }
    }

    @Test("a program that ignores the request is killed after its grace, with all that it started")
    func ignored() async throws {
        try await withChildren { children in
            let script = "trap '' TERM; sleep 1000 & echo $!; wait"
            let child = Background(.shell(script, grace: .milliseconds(100)), in: children)
            let grandchild = try await child.processID()
            child.cancel()
            let result = try await child.result
            #expect(result.end == .killed(signal: SIGKILL))
            #expect(result.wasStopped)
            await eventually("the grandchild is gone") { !isRunning(grandchild) }
        }
    }

    @Test("what a shell runs has its grace, though the shell itself is gone at once")
    func graceOfOthers() async throws {
        try await withChildren { children in
            // The inner shell goes on until a file is there, which the test makes when the outer
            // one has ended.
            let directory = try TemporaryDirectory()
            let inner = """
                trap 'while [ ! -e go ]; do sleep 0.01; done; echo tidied > done; exit' TERM
                echo $$; while :; do sleep 0.01; done
                """
            var command = ChildCommand.shell("cd \(directory.path); sh -c \"$INNER\"; echo no")
            command.environment["INNER"] = inner
            let child = Background(command, in: children)
            let process = try await child.processID()
            let parent = try #require(parentID(of: process))
            child.cancel()
            await eventually("the shell has ended") { !isRunning(parent) }
            #expect(isRunning(process))
            try directory.write("", to: "go")
            let result = try await child.result
            #expect(result.end == .killed(signal: SIGTERM))
            #expect(try directory.read("done") == "tidied\n")
        }
    }

    @Test(
        "what has a group of its own is stopped as well, whether it listens or not",
        arguments: ["", "trap \"\" TERM;"])
    func otherGroups(beginning: String) async throws {
        try await withChildren { children in
            // `timeout` makes a group.
            let script = """
                timeout 1000 sh -c '\(beginning) echo $$; while :; do sleep 0.01; done'
                exit 3
                """
            let child = Background(.shell(script, grace: .milliseconds(300)), in: children)
            let process = try await child.processID()
            #expect(getpgid(process) != getsid(process))
            child.cancel()
            let result = try await child.result
            #expect(result.wasStopped)
            await eventually("what it has started is gone") { !isRunning(process) }
        }
    }

    @Test("a program whose task is cancelled before its start is not started")
    func beforeStart() async throws {
        try await withChildren { children in
            let directory = try TemporaryDirectory()
            let path = directory.file("started")
            let cancelled = Task { () throws(ChildProcessError) in
                withUnsafeCurrentTask { $0?.cancel() }
                return try await children.run(.shell("touch \(path)"))
            }
            await #expect(throws: ChildProcessError.cancelled) { try await cancelled.value }
            #expect(access(path, F_OK) != 0)
        }
    }

    @Test("a cancellation at any moment of a short life ends it")
    func anyMoment() async throws {
        try await withChildren { children in
            for _ in 0..<200 {
                let task = Task { try await children.run(.shell("sleep 1000")) }
                // Before its start, in the middle of it, or after it.
                usleep(.random(in: 0..<3_000))
                task.cancel()
                do {
                    let result = try await task.value
                    #expect(result.wasStopped)
                    #expect(result.end == .killed(signal: SIGTERM))
                } catch {
                    #expect(error as? ChildProcessError == .cancelled)
                }
            }
        }
    }

    @Test("when all is over, all are killed at once and none is started any more")
    func killAll() async throws {
        try await withChildren { children in
            let script = "trap '' TERM; echo $$; while :; do sleep 1; done"
            let some = (0..<5).map { _ in Background(.shell(script), in: children) }
            for child in some { _ = try await child.processID() }
            await children.killAll()
            for child in some {
                let result = try await child.result
                #expect(result.end == .killed(signal: SIGKILL))
            }
            await #expect(throws: ChildProcessError.cancelled) {
                try await children.run(.shell("exit 0"))
            }
        }
    }

    private func parentID(of process: Int32) -> Int32? {
        guard let file = try? FileDescriptor.open(reading: "/proc/\(process)/status"),
            let bytes = try? file.readToEnd(limit: 1 << 16)
        else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("PPid:") }
        return line.flatMap { Int32($0.split(separator: "\t").last ?? "") }
    }
}
