import JobQueue
import Testing

@Suite("What is kept of a job")
struct JobReceiptTests {
    @Test("it comes back as it was, with the job's record byte for byte")
    func roundTrip() throws {
        let record = Array(#"{ "type":"a", "payload": [1, {"x" : "\u00e9"}] }"#.utf8)
        let receipt = JobReceipt(
            end: .done, attempt: 3, startedAt: 1_000, endedAt: 2_000,
            result: Payload(Array(#"{"sum":  7}"#.utf8)), envelope: record)
        let read = try #require(JobReceipt(receipt.encoded()))
        #expect(read.end == .done)
        #expect(read.attempt == 3)
        #expect(read.startedAt == 1_000)
        #expect(read.endedAt == 2_000)
        #expect(read.result?.text == #"{"sum":  7}"#)
        #expect(read.envelope == record)
    }

    @Test("a job that never ran has neither beginning nor result")
    func neverRan() throws {
        let receipt = JobReceipt(
            end: .dead, attempt: 0, startedAt: nil, endedAt: 2_000, result: nil,
            envelope: Array("{}".utf8))
        let read = try #require(JobReceipt(receipt.encoded()))
        #expect(read.end == .dead)
        #expect(read.startedAt == nil)
        #expect(read.result == nil)
    }

    @Test("a record that is as deep as JSON may be is no hindrance")
    func deep() throws {
        let depth = JSONScanner.maxDepth - 1
        let deep =
            #"{"payload":"# + String(repeating: "[", count: depth)
            + String(repeating: "]", count: depth) + "}"
        let receipt = JobReceipt(
            end: .done, attempt: 1, startedAt: 1, endedAt: 2, result: nil,
            envelope: Array(deep.utf8))
        #expect(JobReceipt(receipt.encoded())?.envelope == Array(deep.utf8))
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "null", "{}", "[1]", #"{"state":"done","attempt":1,"ended_at":2}"#,
            #"{"state":"lost","attempt":1,"ended_at":2,"job":{}}"#,
            #"{"state":"done","attempt":"1","ended_at":2,"job":{}}"#,
        ])
    func others(text: String) {
        #expect(JobReceipt(Array(text.utf8)) == nil)
    }
}
