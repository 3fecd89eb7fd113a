import Foundation
import TestSupport
import Testing

@testable import JobControl

@Suite("jobqueuectl export and import")
struct ControlToolMovingTests {
    private func moved(_ numbers: ClosedRange<Int>) -> [MovedJob] {
        numbers.map { number in
            var job = MovedJob(id: "j\(number)", queue: "q", state: .pending, time: nil)
            job.record = "{\"type\":\"t\",\"payload\":\(number)}"
            return job
        }
    }

    /// Jobs of which no two are equal, as their lines have them.
    private func numbered(_ jobs: [MovedJob]) -> [MovedJob] {
        jobs.map { job in
            var job = job
            job.copy = 1
            return job
        }
    }

    private func lines(_ jobs: [MovedJob]) throws -> String {
        try jobs.map { String(decoding: try WireJSON.encode($0), as: UTF8.self) + "\n" }.joined()
    }

    @Test(
        "an export prints every page, a line for each job, and counts the active ones it left out")
    func pages() async throws {
        try await withControlServer { stand in
            let jobs = moved(1...5)
            stand.service.answers.update {
                $0.pages = [Array(jobs[..<2]), [], Array(jobs[2...])]
                var counts = QueueCounts(queue: "q")
                counts.active = 3
                $0.stats = ControlStats(queues: [counts], totals: ControlTotals())
            }
            let done = stand.tool("export")
            let expected = try lines(numbered(jobs))
            #expect(done.output == expected)
            #expect(done.status == .done)
            #expect(done.errors.contains("not paused: q;"))
            #expect(done.errors.hasSuffix("exported 5 jobs; 3 were active and were left out\n"))
        }
    }

    @Test("an export that fails on the way says that it is not complete")
    func exportFails() async throws {
        try await withControlServer { stand in
            let jobs = moved(1...2)
            stand.service.answers.update {
                $0.pages = [jobs, jobs]
                $0.failsFromCall = 3
            }
            let done = stand.tool("export")
            #expect(done.status == .refused)
            #expect(done.errors.contains("not complete: it ended after 2 jobs"))
        }
    }

    @Test("a job too large for a frame is left out by its id, and no other is")
    func tooLarge() {
        var large = MovedJob(id: "large", queue: "q", state: .dead, time: 1)
        large.raw = String(repeating: "A", count: 5000)
        let page = Export.Reply(jobs: [large], next: "n").fitting(4000)
        #expect(page.jobs.isEmpty && page.leftOut == ["large"] && page.next == "n")
        #expect(Export.Reply(jobs: [large], next: "n").fitting(8000).jobs == [large])
    }

    @Test(
        "an import sends the lines in calls that the daemon takes, and adds up what became of them")
    func imports() async throws {
        try await withControlServer { stand in
            let jobs = moved(1...2500)
            let directory = try TemporaryDirectory()
            try directory.write(lines(jobs) + "\n", to: "jobs")
            let done = stand.tool("import", directory.file("jobs"))
            #expect(done == result("imported 2500 jobs; 0 were there already\n"))
            let sent = numbered(jobs)
            #expect(
                stand.service.calls.value
                    == stride(from: 0, to: 2500, by: 1000).map {
                        .importJobs(Array(sent[$0..<min($0 + 1000, 2500)]))
                    })
        }
    }

    @Test("equal lines are numbered on their way out, and those of an older file on their way in")
    func equalLines() async throws {
        try await withControlServer { stand in
            let jobs = moved(1...2) + moved(1...1) + moved(1...2)
            stand.service.answers.update { $0.pages = [Array(jobs[..<2]), Array(jobs[2...])] }
            var expected = jobs
            for (index, copy) in zip(jobs.indices, [1, 1, 2, 3, 2]) { expected[index].copy = copy }
            #expect(stand.tool("export").output == (try lines(expected)))
            let directory = try TemporaryDirectory()
            try directory.write(lines(jobs), to: "old")
            #expect(stand.tool("import", directory.file("old")).status == .done)
            #expect(stand.service.calls.value.last == .importJobs(expected))
            // A line that has its number keeps it, wherever it stands.
            try directory.write(lines(Array(expected.reversed())), to: "new")
            #expect(stand.tool("import", directory.file("new")).status == .done)
            #expect(stand.service.calls.value.last == .importJobs(expected.reversed()))
        }
    }

    @Test(
        "a line that is no exported job is told, the others go in; a file that begins so is another file"
    )
    func badLine() async throws {
        try await withControlServer { stand in
            let directory = try TemporaryDirectory()
            try directory.write(
                lines(moved(1...1500)) + "nonsense\n" + lines(moved(1501...1502)) + "{\"id\":",
                to: "jobs")
            let done = stand.tool("import", directory.file("jobs"))
            #expect(done.status == .refused)
            #expect(done.errors.contains("not imported: line 1501 is no exported job"))
            #expect(done.errors.contains("not imported: line 1504 is no exported job"))
            #expect(done.output == "imported 1502 jobs; 0 were there already\n")
            try directory.write("nonsense\n" + lines(moved(1...2)), to: "other")
            let other = stand.tool("import", directory.file("other"))
            #expect(other.status == .usage && other.errors.contains("line 1 is no exported job"))
            let missing = stand.tool("import", directory.file("none"))
            #expect(missing.status == .refused && missing.errors.contains("cannot open"))
        }
    }

    @Test("a job that is refused is told with the reason, and the status is 1")
    func refused() async throws {
        try await withControlServer { stand in
            stand.service.answers.update {
                var reply = Import.Reply()
                reply.known = 1
                reply.refused = [.init(id: "j2", reason: "no\u{1B}way")]
                $0.imported = reply
            }
            let directory = try TemporaryDirectory()
            try directory.write(lines(moved(1...2)), to: "jobs")
            let done = stand.tool("import", directory.file("jobs"))
            #expect(
                done
                    == result(
                        "imported 0 jobs; 1 were there already\n",
                        errors: "jobqueuectl: not imported: job j2: no\\u{1b}way\n", .refused))
        }
    }
}
