import ChildProcesses
import Foundation
import TestSupport
import Testing

/// Other tests run in this process, and have a few pipes and children of their own: what is left by
/// each of a thousand is more than all of theirs.
@Suite("What programs leave behind", .timeLimit(.minutes(5)))
struct ChildLeaksTests {
    private static let runs = 1_000
    private static let othersAtMost = 300

    /// Pipes and handles of processes that are open now.
    private func openDescriptors() throws -> Int {
        let directory = "/proc/self/fd"
        let manager = FileManager.default
        return try manager.contentsOfDirectory(atPath: directory).count { name in
            // It may be closed by now.
            let target = try? manager.destinationOfSymbolicLink(atPath: "\(directory)/\(name)")
            return target?.hasPrefix("pipe:") == true || target?.contains("pidfd") == true
        }
    }

    @Test("a thousand quick runs leave no descriptor and no zombie")
    func runs() async throws {
        let before = try openDescriptors()
        try await withChildren { children in
            let processes = try await withThrowingTaskGroup(of: Int32?.self) { group in
                var processes: [Int32] = []
                for number in 0..<Self.runs {
                    if number >= 8, let process = try await group.next() ?? nil {
                        processes.append(process)
                    }
                    group.addTask {
                        let result = try await children.run(.shell("echo $$"))
                        return Int32(result.outputLines.first ?? "")
                    }
                }
                for try await process in group { process.map { processes.append($0) } }
                return processes
            }
            #expect(processes.count == Self.runs)
            // A number may be somebody else's by now; not many.
            let left = processes.filter { access("/proc/\($0)", F_OK) == 0 }
            #expect(left.count < 10)
            let after = try openDescriptors()
            #expect(after < before + Self.othersAtMost)
        }
    }

    @Test("a thousand programs that cannot be started leave no descriptor")
    func failures() async throws {
        let before = try openDescriptors()
        try await withChildren { children in
            for _ in 0..<Self.runs {
                await #expect(throws: ChildProcessError.notFound(executable: "/nowhere")) {
                    try await children.run(ChildCommand("/nowhere"))
                }
            }
            let after = try openDescriptors()
            #expect(after < before + Self.othersAtMost)
        }
    }
}
