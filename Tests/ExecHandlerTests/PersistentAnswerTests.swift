import JobQueue
import Testing

@testable import ExecHandler

@Suite("The answer of a command that runs on")
struct PersistentAnswerTests {
    private func answer(_ line: String) throws -> PersistentAnswer {
        let id = try #require(JobID("j1"))
        return try PersistentAnswer(Array(line.utf8), of: id)
    }

    @Test(
        "an answer is what it says",
        arguments: [
            (#"{"ok":true}"#, PersistentAnswer.done(result: nil)),
            (
                #" { "result" : [1,{"ok":false}] , "ok" : true, "dead":true } "#,
                .done(result: Array(#"[1,{"ok":false}]"#.utf8))
            ),
            (#"{"ok":true,"id":"j1"}"#, .done(result: nil)),
            (#"{"ok":false,"error":"out of \"paper\""}"#, .failed(reason: #"out of "paper""#)),
            (#"{"ok":false}"#, .failed(reason: "it failed, and does not say why")),
            (#"{"ok":false,"error":7}"#, .failed(reason: "it failed, and does not say why")),
            (#"{"ok":false,"error":"x","dead":true}"#, .failedForGood(reason: "x")),
            (#"{"ok":false,"error":"x","dead":false}"#, .failed(reason: "x")),
            (
                #"{"ok":false,"error":"x","retry_after_ms":1500}"#,
                .failedFor(milliseconds: 1500, reason: "x")
            ),
            (
                #"{"ok":false,"error":"x","retry_after_ms":-5}"#,
                .failedFor(milliseconds: 0, reason: "x")
            ),
        ])
    func answers(line: String, expected: PersistentAnswer) throws {
        #expect(try answer(line) == expected)
    }

    @Test(
        "everything else is no answer",
        arguments: [
            "", "done", "{", "[]", "true", "\"ok\"", #"{"ok":1}"#, #"{"ok":"true"}"#, #"{}"#,
            #"{"ok":true} {"ok":true}"#, #"{"ok":true,"id":"j2"}"#, "{\"ok\":true,\"a\":\"\u{1}\"}",
            String(repeating: "[", count: 1000),
        ])
    func garbage(line: String) {
        #expect(throws: NoAnswer.self) { try answer(line) }
    }

    @Test("bytes that are no text are no answer")
    func noText() throws {
        let id = try #require(JobID("j1"))
        #expect(throws: NoAnswer.self) { try PersistentAnswer([0xFF, 0, 0x0D], of: id) }
    }
}
