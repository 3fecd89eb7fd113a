import JobQueue
import Testing

@Suite("A job's result")
struct KeptResultTests {
    private let kept = KeptResult()
    private var context: JobContext {
        JobContext(log: Logger(sink: LogCapture()), timeout: .seconds(1), result: kept)
    }

    private func json(_ text: String) -> Payload { Payload(Array(text.utf8)) }

    @Test("the last one counts, without the space around it")
    func last() throws {
        #expect(kept.payload == nil)
        try context.setResult(json("1"))
        try context.setResult(json(" \n{\"a\": [2]} "))
        #expect(kept.payload?.text == "{\"a\": [2]}")
    }

    @Test("what is no JSON, or too long, is refused, and what was left before stays")
    func refused() throws {
        try context.setResult(json("1"))
        #expect(throws: ResultError.self) { try context.setResult(json("{")) }
        let long = "\"" + String(repeating: "x", count: KeptResult.limit) + "\""
        #expect(throws: ResultError.tooLarge(bytes: KeptResult.limit + 2)) {
            try context.setResult(json(long))
        }
        #expect(kept.payload?.text == "1")
    }

    @Test(
        "a program's output is taken as JSON where it is JSON, and as a text where it is not",
        arguments: [
            (#"{"a":1}"#, #"{"a":1}"#), ("17\n", "17"), ("", #""""#), ("hello\n", #""hello\n""#),
            ("{\"a\":", #""{\"a\":""#),
        ])
    func output(text: String, result: String) {
        context.setResult(output: Array(text.utf8))
        #expect(kept.payload?.text == result)
    }

    @Test("of a longer output the beginning is kept, and what is no UTF-8 is replaced")
    func longOutput() {
        context.setResult(output: [UInt8](repeating: 0xFF, count: 1_000_000))
        let text = String(repeating: "\u{FFFD}", count: KeptResult.limit)
        #expect(kept.payload?.text == "\"\(text)\"")
    }

    @Test("what is cut says so: a text ends with a whole character, half a JSON is no text")
    func cut() {
        let text = Array(("a" + String(repeating: "é", count: 40_000)).utf8)
        #expect(context.setResult(output: Array(text.prefix(KeptResult.limit)), dropped: 7))
        #expect(kept.left?.isCut == true)
        #expect(kept.payload?.text == "\"a" + String(repeating: "é", count: 32_767) + "\"")
        let json = Array((#" {"rows":[""# + String(repeating: "x", count: 70_000)).utf8)
        #expect(context.setResult(output: json))
        let beginning = #" {\"rows\":[\""# + String(repeating: "x", count: 1024 - 11)
        #expect(
            kept.payload?.text
                == #"{"cut":true,"bytes":70011,"beginning":""# + beginning + #""}"#)
        #expect(!context.setResult(output: Array("{}".utf8)))
        #expect(kept.payload?.text == "{}" && kept.left?.isCut == false)
        context.noteTooLargeResult()
        #expect(kept.payload == nil && kept.left?.isCut == true)
    }

    @Test("where nothing is kept it is dropped")
    func dropped() throws {
        let context = JobContext(log: Logger(sink: LogCapture()), timeout: .seconds(1))
        #expect(!context.keepsResult)
        try context.setResult(json("no JSON"))
        #expect(self.context.keepsResult)
    }
}
