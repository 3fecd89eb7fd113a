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
            #expect(back.id.description == line.id)
        }
    }

    @Test(
        "a job without an id is given one on the way; another keeps its own, whatever the line says"
    )
    func ids() throws {
        let without = JobRecord(
            queue: .default, state: .pending, envelope: Array(#"{"type":"t"}"#.utf8))
        #expect(try roundTrip(without).back.id.description == "given")
        let with = JobRecord(
            queue: .default, state: .pending, envelope: Array(#"{"type":"t","id":"own"}"#.utf8))
        var line = try roundTrip(with).line
        #expect(line.id == "own")
        line.id = "changed"
        #expect(try ImportedJob(line).id.description == "own")
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

    @Test("what can be no job is refused, and nothing of the call is imported")
    func refused() throws {
        var good = MovedJob(id: "j", queue: "q", state: .scheduled, time: 1)
        good.record = "{}"
        _ = try ImportedJob(good)
        let changes: [(inout MovedJob) -> Void] = [
            { $0.queue = "no queue" }, { $0.id = "" }, { $0.state = .active }, { $0.time = nil },
            { $0.time = -1 }, { $0.record = nil },
            {
                $0.record = nil; $0.raw = "?"
            },
        ]
        for change in changes {
            var bad = good
            change(&bad)
            #expect(throws: ControlError.self) { try ImportedJob(bad) }
        }
    }
}
