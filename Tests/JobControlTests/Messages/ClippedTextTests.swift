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

    @Test("of a long text beginning and end stay, in whole characters")
    func bothEnds() {
        for character in ["x", "ü", "€", "😀"] {
            for limit in 64...70 {
                let text = "first" + String(repeating: character, count: 100) + "last"
                let clipped = text.clipped(toBytes: limit)
                #expect((limit - 8...limit).contains(clipped.utf8.count))
                let halves = clipped.split(separator: "…")
                #expect(
                    halves.count == 2 && clipped.hasPrefix("first") && clipped.hasSuffix("last"))
                #expect(text.hasPrefix(halves[0]) && text.hasSuffix(halves[1]))
            }
        }
    }
}
