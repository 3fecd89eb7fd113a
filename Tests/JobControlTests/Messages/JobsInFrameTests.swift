import Testing

@testable import JobControl

@Suite("Records of jobs in one frame")
struct JobsInFrameTests {
    private func frame(_ jobs: [ControlJob], more: Bool = true, limit: Int) -> [UInt8] {
        VarlinkFrame.reply(ListDead.Reply(jobs: jobs, more: more), limit: limit)
    }

    @Test("what fits is there whole, in order")
    func whole() {
        let jobs = (0..<50).map { Sample.deadJob("j\($0)") }
        let shown = JobsInFrame(jobs, limit: 1 << 20)
        #expect(shown.jobs == jobs)
        #expect(!shown.leftOut)
    }

    @Test("a payload too large for the frame is left out, and its length is told")
    func payload() {
        var large = Sample.deadJob("large")
        large.payload = "\"" + String(repeating: "x", count: 20_000) + "\""
        let jobs = [Sample.deadJob("a"), large, Sample.deadJob("b")]
        let shown = JobsInFrame(jobs, limit: 10_000)
        #expect(shown.jobs.map(\.id) == ["a", "large", "b"])
        #expect(shown.jobs[1].payload == nil && shown.jobs[1].leftOutBytes == 20_002)
        #expect(shown.jobs[0] == jobs[0] && shown.jobs[2] == jobs[2])
        #expect(!shown.leftOut)
    }

    @Test("raw bytes too large for the frame are left out as well")
    func raw() {
        var job = ControlJob(state: .dead, queue: "q", id: "j")
        job.raw = String(repeating: "A", count: 5_000)
        let shown = JobsInFrame([job], limit: 3_000)
        #expect(shown.jobs.map(\.raw) == [nil] && shown.jobs.map(\.leftOutBytes) == [5_000])
    }

    @Test("records for which there is no room are left out from the end, and that is told")
    func tooMany() {
        let jobs = (0..<1_000).map { Sample.deadJob("j\($0)") }
        let shown = JobsInFrame(jobs, limit: 20_000)
        #expect(shown.leftOut)
        #expect(!shown.jobs.isEmpty && shown.jobs.count < 1_000)
        #expect(shown.jobs.map(\.id) == jobs.prefix(shown.jobs.count).map(\.id))
    }

    @Test("of an error 4 096 bytes are kept")
    func longError() {
        let shown = JobsInFrame(
            [Sample.deadJob(error: String(repeating: "e", count: 100_000))], limit: 1 << 20)
        #expect(shown.jobs.first?.lastError?.utf8.count == 4_096)
        #expect(shown.jobs.first?.lastError?.contains("e…e") == true)
    }

    /// Each byte of these takes more than one as JSON.
    @Test(
        "whatever the texts hold, the frame is never too long",
        arguments: [
            "\u{0}", "\u{1B}", "\"", "\\", "\n", "\u{7F}", "ü", "\u{2028}", "😀", "\u{FFFD}", "/",
        ])
    func alwaysFits(filling: String) throws {
        let text = String(repeating: filling, count: 3_000)
        for limit in [2_000, 5_000, 20_000, 70_000] {
            var job = Sample.deadJob("j", error: text)
            job.payload = text
            job.worker = text
            job.type = text
            job.enqueuedAt = .min
            job.diedAt = .min
            job.dueAt = .min
            job.attempts = .min
            job.maxAttempts = .min
            job.lost = .min
            let shown = JobsInFrame(Array(repeating: job, count: 20), limit: limit)
            let bytes = frame(shown.jobs, limit: limit)
            #expect(bytes.starts(with: #"{"parameters""#.utf8), "limit \(limit)")
            #expect(bytes.count - 1 <= limit)
        }
    }

    @Test("the length of a text as JSON is never told too small")
    func size() throws {
        for scalar in (0..<0x3000).compactMap(Unicode.Scalar.init) {
            let text = String(Character(scalar))
            let encoded = try WireJSON.encode([text]).count - 2
            #expect(JobsInFrame.size(of: [text]) >= encoded, "U+\(scalar.value)")
        }
        #expect(JobsInFrame.size(of: [nil, nil]) == 0)
    }
}
