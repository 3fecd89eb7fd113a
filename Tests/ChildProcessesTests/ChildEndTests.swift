import ChildProcesses
import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite("How a program ends", .timeLimit(.minutes(5)))
struct ChildEndTests {
    @Test("the exit status is told", arguments: [0, 1, 75, 255])
    func exitStatus(status: Int32) async throws {
        try await withChildren { children in
            let result = try await children.run(.shell("exit \(status)"))
            #expect(result.end == .exited(status))
            #expect(!result.wasStopped)
        }
    }

    @Test(
        "the signal that killed it is told, by its name",
        arguments: [(SIGSEGV, "SIGSEGV"), (SIGKILL, "SIGKILL"), (SIGTERM, "SIGTERM")])
    func killed(signal: Int32, name: String) async throws {
        try await withChildren { children in
            let result = try await children.run(.shell("kill -\(signal) $$"))
            #expect(result.end == .killed(signal: signal))
            #expect("\(result.end)" == "killed by \(name)")
            #expect(!result.wasStopped)
        }
    }

    @Test("a program ends well beside a hundred others")
    func crowd() async throws {
        try await withChildren { children in
            try await withThrowingTaskGroup(of: (Int32, ProcessEnd).self) { group in
                for status in Int32(0)..<100 {
                    group.addTask {
                        (status, try await children.run(.shell("echo x; exit \(status)")).end)
                    }
                }
                for try await (status, end) in group { #expect(end == .exited(status)) }
            }
        }
    }

    @Test("an end is told while handlers block every thread of the pool")
    func blockedPool() async {
        await #expect(processExitsWith: .success) {
            try await withChildren { children in
                try await withSharedPoolBlocked {
                    let result = try await children.run(.shell("exit 3"))
                    #expect(result.end == .exited(3))
                }
            }
        }
    }

    @Test("what somebody else has waited for is told to have ended, how is not known")
    func reapedByOthers() async throws {
        try await withChildren { children in
            let child = Background(.shell("echo $$; exec sleep 1000"), in: children)
            let process = try await child.processID()
            // A library that waits for a child which is not its own.
            Thief.reapWhenEnded(process)
            kill(process, SIGKILL)
            do {
                let result = try await child.result
                // It was first, this time.
                #expect(result.end == .killed(signal: SIGKILL))
            } catch ChildProcessError.endUnknown(let error) {
                #expect(error.errorNumber == ECHILD)
            }
        }
    }
}

private enum Thief {
    static func reapWhenEnded(_ process: Int32) {
        do {
            try BackgroundThread.start(named: "thief") {
                var status: Int32 = 0
                waitpid(process, &status, 0)
            }
        } catch {
            Issue.record("\(error)")
        }
    }
}
