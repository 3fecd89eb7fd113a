import Foundation
import JobQueue
import Testing

@testable import ExecHandler

@Suite("The line that a command which runs on reads")
struct PersistentOrderTests {
    @Test(
        "it is one line, and the payload in it is as it was written",
        arguments: [
            (#"{"a":"x\ny","b":1.50}"#, #"{"a":"x\ny","b":1.50}"#), ("null", "null"),
            ("{\n \"a\" :\r\n[\t1 ]}", "{  \"a\" :  [\t1 ]}"),
        ])
    func line(payload: String, expected: String) throws {
        let job = try job(payload)
        let line = String(decoding: PersistentOrder.line(of: job, deadline: 77), as: UTF8.self)
        #expect(
            line == #"{"id":"j1","type":"mail:welcome","queue":"low","attempt":2,"max_attempts":5,"#
                + #""deadline_ms":77,"payload":"# + expected + "}\n")
        _ = try JSONSerialization.jsonObject(with: Data(line.utf8))
    }

    private func job(_ payload: String) throws -> Job {
        Job(
            id: try #require(JobID("j1")), type: try #require(JobType("mail:welcome")),
            queue: try #require(QueueName("low")), payload: Payload(Array(payload.utf8)),
            attempt: 2, maxAttempts: 5)
    }
}
