import Testing

@testable import JobQueue

@Suite("Writing JSON")
struct JSONWritingTests {
    @Test(
        "a number is written as Swift writes it",
        arguments: [0, 1, 9, 10, 99, 100, 1_700_000_000_000, .max, -1, -10, .min])
    func decimal(value: Int64) {
        var output = Array("x".utf8)
        output.append(decimal: value)
        #expect(String(decoding: output, as: UTF8.self) == "x\(value)")
    }

    @Test("text is written byte for byte", arguments: ["", "a", "{\"type\":\"", "é😀\u{0}"])
    func verbatim(text: String) {
        var output = Array("x".utf8)
        output.append(verbatim: text)
        #expect(output == Array("x\(text)".utf8))
    }
}
