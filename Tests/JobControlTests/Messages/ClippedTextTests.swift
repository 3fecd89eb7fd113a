import Testing

@testable import JobControl

@Suite("Cutting a text off")
struct ClippedTextTests {
    @Test(
        "a text is cut where a character begins, and an ellipsis says so",
        arguments: [
            ("abc", 3, "abc"), ("abcd", 4, "abcd"), ("abcde", 4, "a…"), ("abc", 100, "abc"),
            ("üüü", 5, "ü…"), ("üüü", 4, "…"), ("😀😀", 7, "😀…"), ("😀😀", 6, "…"),
            ("", 0, ""), ("abc", 0, "…"),
        ])
    func clipped(text: String, limit: Int, expected: String) {
        #expect(text.clipped(toBytes: limit) == expected)
    }
}
