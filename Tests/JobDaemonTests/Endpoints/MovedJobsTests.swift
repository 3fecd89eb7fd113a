import JobControl
import JobQueue
import TestSupport
import Testing

@testable import JobDaemon

@Suite("Lines of an exported file")
struct MovedJobsTests {
    private func roundTrip(_ record: JobRecord) throws -> (line: MovedJob, back: ImportedJob) {
        let line = MovedJob(record, otherwise: try #require(JobID("given")))
        return (line, try ImportedJob(line))
    }

    @Test(
        "every record comes back byte for byte: text, what is no text, what is long",
        arguments: [
            Array(#"{"type":"t","id":"own","payload":"ä\u00e4 \n"}"#.utf8), [0x00, 0xFF, 0x22],
            Array("{\"type\":\"t\",\n\"payload\":1}".utf8),
            [UInt8](repeating: 0x22, count: 600_000),
        ])
    func bytes(record: [UInt8]) throws {
        for (state, time) in [(JobState.pending, nil), (.scheduled, 5), (.dead, 4_000_000_000_000)]
        {
            let given = JobRecord(
                queue: .default, state: state, envelope: record, time: time.map { Int64($0) })
            let (line, back) = try roundTrip(given)
            #expect(back.record == given)
            #expect((line.record == nil) != (line.raw == nil))
            #expect(back.copy == (record.first == 0x7B && line.id == "own" ? "1" : "given"))
        }
    }

    @Test(
        "a job without an id is given one on the way; another keeps its own, whatever the line says"
    )
    func ids() throws {
        let without = JobRecord(
            queue: .default, state: .pending, envelope: Array(#"{"type":"t"}"#.utf8))
        #expect(try roundTrip(without).line.id == "given")
        #expect(try roundTrip(without).back.id == nil)
        let with = JobRecord(
            queue: .default, state: .pending, envelope: Array(#"{"type":"t","id":"own"}"#.utf8))
        var line = try roundTrip(with).line
        #expect(line.id == "own")
        line.id = "changed"
        #expect(try ImportedJob(line).id?.description == "own")
    }

    @Test("a dead job takes no unique key, nor does one without an id of its own")
    func uniqueKeys() throws {
        func key(_ state: JobState, _ more: String) throws -> String? {
            try roundTrip(
                JobRecord(
                    queue: .default, state: state,
                    envelope: Array("{\"type\":\"t\",\"unique_key\":\"k\"\(more)}".utf8), time: 1)
            ).back.uniqueKey
        }
        #expect(try key(.pending, #","id":"own""#) == "k")
        #expect(try key(.dead, #","id":"own""#) == nil)
        #expect(try key(.scheduled, "") == nil)
    }

    @Test("what can be no job is refused; a time that is none is made the nearest that is one")
    func refused() throws {
        var good = MovedJob(id: "j", queue: "q", state: .scheduled, time: 1)
        good.record = "{}"
        _ = try ImportedJob(good)
        let changes: [(inout MovedJob) -> Void] = [
            { $0.queue = "no queue" }, { $0.state = .active }, { $0.time = nil },
            { $0.copy = 0 }, { $0.record = nil },
            {
                $0.record = nil; $0.raw = "?"
            },
        ]
        for change in changes {
            var bad = good
            change(&bad)
            #expect(throws: LineRefused.self) { try ImportedJob(bad) }
        }
        for (given, taken) in [(-1, 0), (1_796_000_000_000_000, 253_402_300_799_999)]
            as [(Int64, Int64)]
        {
            good.time = given
            #expect(try ImportedJob(good).record.time == taken)
        }
    }

    @Test("equal lines are told apart by their number, and others by what is in them")
    func lines() throws {
        func line(_ change: (inout MovedJob) -> Void) throws -> String {
            var job = MovedJob(id: "j", queue: "q", state: .dead, time: 1)
            job.record = #"{"type":"t","id":"own"}"#
            change(&job)
            let taken = try ImportedJob(job)
            return "\(taken.line) \(taken.copy)"
        }
        let all = try [
            line { _ in }, line { $0.copy = 2 }, line { $0.queue = "r" },
            line { $0.state = .scheduled }, line { $0.time = 2 },
            line { $0.record = #"{"type":"t","id":"own" }"# },
        ]
        #expect(Set(all).count == all.count)
        #expect(try line { $0.copy = 1 } == all[0])
        #expect(try line { $0.id = "another" } == all[0])
    }
}
