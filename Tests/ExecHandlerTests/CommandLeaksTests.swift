import ExecHandler
import Foundation
import JobQueue
import TestSupport
import Testing

/// Other tests run in this process, and have a few pipes and children of their own: what is left by
/// each of ten thousand is more than all of theirs.
@Suite("What ten thousand jobs leave behind", .timeLimit(.minutes(10)), .serialized)
struct CommandLeaksTests {
    private static let runs = 10_000
    private static let othersAtMost = 300

    /// How many of this process's children have ended, and nobody has asked how.
    private func zombies() throws -> Int {
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
        let children = threads.flatMap { thread in
            let path = "/proc/self/task/\(thread)/children"
            let list = try? String(contentsOfFile: path, encoding: .utf8)
            return (list ?? "").split(separator: " ")
        }
        return children.count { child in
            // It may be gone by now.
            let record = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
            return record?.contains(") Z ") == true
        }
    }

    private func descriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }

    /// Runs so many jobs, four at a time, and looks what is left.
    private func expectNothingLeft(
        _ run: @escaping @Sendable () async throws -> Void
    ) async throws {
        let before = try descriptors()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<Self.runs {
                if number >= 4 { try await group.next() }
                group.addTask { try await run() }
            }
            try await group.waitForAll()
        }
        #expect(try descriptors() < before + Self.othersAtMost)
        #expect(try zombies() < Self.othersAtMost)
    }

    @Test("ten thousand commands that end at once leave no process, no zombie, no descriptor")
    func runs() async throws {
        try await CommandStand.run { stand in
            let handler = stand.once(try stand.definition("/bin/true"))
            let job = try stand.job(#"{"n":1}"#)
            try await expectNothingLeft { try await handler.run(job, stand.context(job)) }
        }
    }

    @Test("H6 ten thousand commands that cannot be started leave no zombie and no descriptor")
    func failures() async throws {
        try await CommandStand.run { stand in
            let handler = stand.once(try stand.definition("/nowhere/at/all"))
            let job = try stand.job()
            try await expectNothingLeft {
                await #expect(throws: SkipRetry.self) {
                    try await handler.run(job, stand.context(job))
                }
            }
        }
    }
}
