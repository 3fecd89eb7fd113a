import JobQueue
import Testing

@Suite("The failed attempts in a record")
struct FailureListTests {
    private func attempt(_ number: Int, _ reason: String = "no luck") -> FailedAttempt {
        FailedAttempt(number: number, startedAt: 1_000, endedAt: 2_000, reason: reason)
    }

    private func stored(_ failures: FailureList, in record: String) throws -> Envelope {
        var changes = EnvelopeChanges()
        changes.failures = failures
        let envelope = try Envelope(Array(record.utf8), maxPayload: 100)
        return try Envelope(envelope.updated(changes), maxPayload: 100)
    }

    @Test("they come back as they were, in order")
    func roundTrip() throws {
        var failures = FailureList()
        failures.append(attempt(1, "exit 3: \"x\"\n\u{1B}[2J"))
        failures.append(attempt(2))
        let once = try stored(failures, in: #"{"type":"a"}"#)
        #expect(once.failures == failures)
        failures.append(attempt(3))
        let record = String(decoding: once.bytes, as: UTF8.self)
        #expect(try stored(failures, in: record).failures.attempts.map(\.number) == [1, 2, 3])
    }

    @Test("of very many the last are kept, and of long reasons the beginning")
    func bounded() throws {
        var failures = FailureList()
        for number in 1...25 {
            failures.append(attempt(number, String(repeating: "\u{1}", count: 100_000)))
        }
        let envelope = try stored(failures, in: #"{"type":"a"}"#)
        #expect(envelope.failures.attempts.map(\.number) == Array(16...25))
        #expect(envelope.bytes.count < 20_000)
        #expect(envelope.failures.attempts.allSatisfy { $0.reason.utf8.count == 256 })
    }

    @Test(
        "what somebody else wrote there is passed over",
        arguments: [
            ("[]", []), ("null", []), ("[1,null,[],{}]", []),
            (#"[{"attempt":1,"started_at":1,"ended_at":2}]"#, [1]),
            (#"[{"attempt":-1,"started_at":1,"ended_at":2,"error":"x"}]"#, []),
            (#"[{"attempt":1,"started_at":1,"ended_at":99999999999999999999}]"#, []),
            (#"[{"attempt":"1"},{"attempt":7,"started_at":1,"ended_at":2,"error":3,"x":{}}]"#, [7]),
        ])
    func foreign(json: String, numbers: [Int]) throws {
        let record = #"{"type":"a","failures":\#(json)}"#
        let envelope = try Envelope(Array(record.utf8), maxPayload: 100)
        #expect(envelope.failures.attempts.map(\.number) == numbers)
    }
}
