import JobQueue
import Testing

@Suite struct ErrorTextTests {
    @Test("a text that fits is kept whole")
    func short() {
        for text in ["", "boom", String(repeating: "x", count: 4096)] {
            #expect(ErrorText.clipped(text) == text)
        }
    }

    @Test("a longer text ends within a character's width of 4 KiB, with an ellipsis")
    func long() {
        for character in ["x", "é", "€", "😀"] {
            for shift in 0..<4 {
                let text =
                    String(repeating: ".", count: shift) + String(repeating: character, count: 4097)
                let clipped = ErrorText.clipped(text)
                #expect(clipped.utf8.count <= 4096)
                #expect(clipped.utf8.count > 4096 - 4)
                #expect(clipped.hasSuffix("…"))
                #expect(text.hasPrefix(clipped.dropLast()))
            }
        }
    }

    @Test("ten megabytes of escape codes, or of marks on one letter, are cut as well")
    func hostile() {
        let escapes = String(repeating: "\u{1B}[2J\u{0}", count: 2_000_000)
        #expect(ErrorText.clipped(escapes).utf8.count == 4096)
        let marks = "a" + String(repeating: "\u{0301}", count: 100_000)
        #expect((4090...4096).contains(ErrorText.clipped(marks).utf8.count))
    }
}
