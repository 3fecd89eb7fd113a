import JobQueue
import Testing

@Suite struct ErrorTextTests {
    @Test("a text that fits is kept whole")
    func short() {
        for text in ["", "boom", String(repeating: "x", count: 4096)] {
            #expect(ErrorText.clipped(text) == text)
        }
    }

    @Test("of a longer text beginning and end are kept, within two characters' width of 4 KiB")
    func long() {
        for character in ["x", "é", "€", "😀"] {
            for shift in 0..<4 {
                let text =
                    String(repeating: ".", count: shift) + String(repeating: character, count: 4097)
                let clipped = ErrorText.clipped(text)
                #expect(clipped.utf8.count <= 4096)
                #expect(clipped.utf8.count > 4096 - 8)
                let halves = clipped.split(separator: "…", omittingEmptySubsequences: false)
                #expect(halves.count == 2)
                #expect(text.hasPrefix(halves[0]) && text.hasSuffix(halves[1]))
                #expect(abs(halves[0].utf8.count - halves[1].utf8.count) < 8)
            }
        }
    }

    @Test("ten megabytes of escape codes, or of marks on one letter, are cut as well")
    func hostile() {
        let escapes = String(repeating: "\u{1B}[2J\u{0}", count: 2_000_000)
        #expect((4090...4096).contains(ErrorText.clipped(escapes).utf8.count))
        let marks = "a" + String(repeating: "\u{0301}", count: 100_000)
        #expect((4090...4096).contains(ErrorText.clipped(marks).utf8.count))
    }

    private struct Oops: Error { let number: Int }
    private enum Kind: Error { case bad(Oops?) }

    @Test("types are told by their plain names, and other brackets stay")
    func plainNames() {
        struct Local: Error {}
        for (error, text) in [
            (Oops(number: 1) as any Error, "Oops(number: 1)"), (Local(), "Local()"),
        ] { #expect(ErrorText.of(error) == text) }
        let private_ = "\(Optional<Oops>.self)"
        #expect(ErrorText.plain(private_) == "Optional<Oops>")
        #expect(!ErrorText.of(Kind.bad(Oops(number: 2))).contains(" in _"))
        for text in [
            "f(x) = (1 in _2)", "(", ")", "((a in _0123456789ABCDEF", "(a b in _0123456789ABCDEF)",
            "no brackets",
        ] { #expect(ErrorText.plain(text) == text) }
        #expect(ErrorText.plain("(A in _0123456789ABCDEF).(B in _0123456789ABCDEF)") == "A.B")
        #expect(ErrorText.plain("(unknown context at $7f00aa).Local()") == "Local()")
    }
}
