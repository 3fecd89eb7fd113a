import JobQueue
import Testing

@testable import ExecHandler

@Suite("The lines of standard error that are kept with a reason")
struct KeptLinesTests {
    private func kept(_ lines: [String]) -> String {
        var kept = KeptLines()
        for line in lines { kept.add(line) }
        return kept.text
    }

    @Test("a few lines are kept as they are, empty ones not")
    func few() {
        #expect(kept([]) == "")
        #expect(kept(["", "  "]) == "")
        #expect(kept(["one", "", "two"]) == "one | two")
        let six = (1...6).map { "line \($0)" }
        #expect(kept(six) == six.joined(separator: " | "))
    }

    @Test("of many the first two, the last four and the last three between stay")
    func many() {
        #expect(kept((1...20).map(String.init)) == "1 | 2 | … | 14 | 15 | 16 | 17 | 18 | 19 | 20")
        #expect(kept((1...7).map(String.init)) == "1 | 2 | 3 | 4 | 5 | 6 | 7")
    }

    @Test("the cause is kept wherever a language puts it")
    func causes() {
        let frames = (1...40).map { "    at frame \($0)" }
        let log = (1...100).map { "working on \($0)" }
        for lines in [
            // Java, Go, Ruby: the first line.
            ["real cause"] + frames,
            // Python: the last.
            ["Traceback:"] + frames + ["real cause"],
            // Node.js: above its frames, behind the line of the source.
            ["/srv/x.js:3", "    throw e", "    ^", "", "real cause"] + frames + [
                "", "Node.js v20",
            ],
            // Any of them after much else.
            log + ["real cause"], log + ["real cause"] + frames,
            log + ["Oops"] + frames + ["Caused by: real cause"] + frames,
            log + ["real cause"] + frames.map { "\\t" + $0.dropFirst(4) },
        ] {
            #expect(kept(lines).contains("real cause"), "\(kept(lines))")
            #expect(kept(lines + ["bye"]).contains("real cause"), "\(kept(lines))")
        }
    }

    @Test("long lines are shortened in the middle, and all fit into the reason")
    func longLines() {
        let long = "begin " + String(repeating: "x", count: 5000) + " end"
        let lines = ["first: cause"] + Array(repeating: long, count: 20) + ["last: cause"]
        let text = kept(lines)
        #expect(text.utf8.count < ErrorText.limit - 256)
        #expect(text.hasPrefix("first: cause | begin "))
        #expect(text.hasSuffix(" end | last: cause"))
        #expect(kept([long]).utf8.count == 512)
    }
}
