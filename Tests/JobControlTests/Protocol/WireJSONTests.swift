import Testing

@testable import JobControl

@Suite("JSON on the control socket")
struct WireJSONTests {
    private struct Sample: Codable {
        struct Inner: Codable { var numbers: [Int] }
        var name: String
        var inner: Inner
        var text: String?
    }

    private func decode(_ json: String) throws -> Sample {
        try WireJSON.decode(Sample.self, from: Array(json.utf8))
    }

    @Test("what is written is one line, its keys in order, slashes as they are")
    func encode() throws {
        let sample = Sample(
            name: "a/b\nc", inner: .init(numbers: [1, 2]), text: "ü\u{0}\u{1B}")
        let text = String(decoding: try WireJSON.encode(sample), as: UTF8.self)
        #expect(
            text
                == #"{"inner":{"numbers":[1,2]},"name":"a/b\nc","text":"ü\u0000\u001b"}"#)
        // A NUL would end the frame.
        #expect(!text.utf8.contains(0))
    }

    @Test("what is not there is left out, not null")
    func absent() throws {
        let sample = Sample(name: "", inner: .init(numbers: []))
        let text = String(decoding: try WireJSON.encode(sample), as: UTF8.self)
        #expect(text == #"{"inner":{"numbers":[]},"name":""}"#)
    }

    @Test("a document for people has lines, and nothing in it steers a terminal")
    func document() throws {
        let sample = Sample(name: "\u{1B}[31m", inner: .init(numbers: [1]), text: "\u{202E}x\u{9B}")
        let text = try WireJSON.document(sample)
        #expect(text.contains("\n") && text.hasSuffix("}\n"))
        #expect(text.contains(#""name" : "\u001b[31m""#))
        #expect(text.contains(#""text" : "\u202ex\u009b""#))
        // It is the same JSON all the same.
        let back = try WireJSON.decode(Sample.self, from: Array(text.utf8))
        #expect(back.name == sample.name && back.text == sample.text)
    }

    private static let notJSON = "is not JSON, or has a number out of range"

    @Test(
        "what is wrong is told with the field that it is about",
        arguments: [
            (#"{"inner":{"numbers":[]}}"#, "name: is missing"),
            (#"{"name":"x"}"#, "inner: is missing"),
            (#"{"name":1,"inner":{"numbers":[]}}"#, "name: has the wrong type"),
            (#"{"name":"x","inner":[]}"#, "inner: has the wrong type"),
            (#"{"name":"x","inner":{"numbers":[1,"2"]}}"#, "inner.numbers.1: has the wrong type"),
            (#"{"name":null,"inner":{"numbers":[]}}"#, "name: has the wrong type"),
            (#"{"name":"x","inner":{"numbers":[1.5]}}"#, notJSON),
            (#"{"name":"x","inner":{"numbers":[1e400]}}"#, notJSON),
            (#"{"name":"x","inner":{"numbers":[9223372036854775808]}}"#, notJSON),
            ("[]", "has the wrong type"),
            ("1", "has the wrong type"),
            ("{", notJSON),
            ("", notJSON),
            ("{\"name\":\"\u{1}\"}", notJSON),
        ])
    func wrong(json: String, message: String) {
        let failure = #expect(throws: WireJSON.DecodingFailure.self) { try decode(json) }
        #expect(failure?.description == message)
    }

    @Test(
        "no bytes at all can make it trap",
        arguments: [
            Array(repeating: UInt8(ascii: "["), count: 100_000),
            Array(#"{"a":"#.utf8) + Array(repeating: UInt8(ascii: "{"), count: 10_000),
            [0xFF, 0xFE, 0x00], [0xC0, 0x80], [0xED, 0xA0, 0x80],
            Array(#""\ud800""#.utf8), Array(#"{"name":"\ud800"}"#.utf8),
            [0xEF, 0xBB, 0xBF] + Array("{}".utf8),
        ])
    func hostile(bytes: [UInt8]) {
        #expect(throws: WireJSON.DecodingFailure.self) {
            try WireJSON.decode(Sample.self, from: bytes)
        }
    }

    @Test("what has no form in JSON is told, not dropped")
    func unwritable() {
        let failure = #expect(throws: WireJSON.EncodingFailure.self) {
            try WireJSON.encode(["x": Double.infinity])
        }
        #expect(failure?.description.hasPrefix("the answer cannot be written: ") == true)
    }
}
