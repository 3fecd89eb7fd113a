import ChildProcesses
import Testing

@Suite("Cutting bytes into lines")
struct LineSplitterTests {
    /// The lines of `pieces`, those that were cut off with `+n`.
    private func split(_ pieces: [String], limit: Int = 100) -> [String] {
        var splitter = LineSplitter(limit: limit)
        var lines: [String] = []
        func add(_ line: OutputLine) {
            let text = String(decoding: line.bytes, as: UTF8.self)
            lines.append(line.dropped == 0 ? text : "\(text)+\(line.dropped)")
        }
        for piece in pieces { splitter.take(Array(piece.utf8)[...], add) }
        splitter.end(add)
        return lines
    }

    @Test("nothing is no line, a line break alone is an empty one")
    func empty() {
        #expect(split([]) == [])
        #expect(split([""]) == [])
        #expect(split(["\n"]) == [""])
        #expect(split(["\n\n"]) == ["", ""])
    }

    @Test("the same lines come however the bytes are cut")
    func anyCuts() {
        let text = "one\n\ntwo and more\nthree"
        let lines = ["one", "", "two and more", "three"]
        #expect(split([text]) == lines)
        #expect(split(text.map(String.init)) == lines)
        for index in text.indices {
            #expect(split([String(text[..<index]), String(text[index...])]) == lines)
        }
    }

    @Test("a line is cut off at the limit, and the next one is whole")
    func limit() {
        #expect(split(["abcde\nabcdef\nabc"], limit: 5) == ["abcde", "abcde+1", "abc"])
        #expect(split(["abc", "def", "ghi\nx"], limit: 5) == ["abcde+4", "x"])
        #expect(split(["abcdef"], limit: 5) == ["abcde+1"])
        #expect(split(["ab\n\nc"], limit: 0) == ["+2", "", "+1"])
    }

    @Test("a line that is too long can be given as soon as that is known, and once")
    func longLinesAtOnce() {
        var splitter = LineSplitter(limit: 5, givesLongLinesAtOnce: true)
        var lines: [OutputLine] = []
        func take(_ text: String) { splitter.take(Array(text.utf8)[...]) { lines.append($0) } }
        take("abc")
        take("de")
        #expect(lines.isEmpty)
        take("f")
        #expect(lines == [OutputLine(bytes: Array("abcde".utf8), dropped: 1)])
        take("ghi\nab")
        #expect(lines.count == 1)
        take("c\nabcdef")
        #expect(lines.map(\.bytes).dropFirst() == [Array("abc".utf8), Array("abcde".utf8)])
        splitter.end { lines.append($0) }
        #expect(lines.count == 3)
    }

    /// The lines of `pieces` as a terminal shows them.
    private func show(_ pieces: [String], limit: Int = 4096) -> [OutputLine] {
        var splitter = LineSplitter(limit: limit, readsAsTerminal: true)
        var lines: [OutputLine] = []
        for piece in pieces { splitter.take(Array(piece.utf8)[...]) { lines.append($0) } }
        splitter.end { lines.append($0) }
        return lines
    }

    private func texts(_ pieces: [String]) -> [String] {
        show(pieces).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test(
        "of what is written over each other the last stays, however the bytes are cut",
        arguments: [
            ("1%\r2%\r3%: quota\n", ["3%: quota"]), ("1%\rdone\nnext", ["done", "next"]),
            ("1%\r2%\nwhy\n", ["2%", "why"]), ("dos\r\nlines\r\n", ["dos", "lines"]),
            ("twice\r\r\n", ["twice"]), ("\rbar\r", ["bar"]), ("\r\n", [""]),
        ])
    func overwritten(text: String, lines: [String]) {
        #expect(texts([text]) == lines)
        #expect(texts(text.unicodeScalars.map { String($0) }) == lines)
    }

    @Test("of a line that is too long its beginning and its end are kept, and the rest is counted")
    func longLine() {
        let text = "begins " + String(repeating: "é", count: 100_000) + " ends"
        for pieces in [[text], text.map(String.init)] {
            let lines = show(pieces)
            #expect(lines.count == 1)
            let line = lines.first?.bytes ?? []
            #expect(line.count <= 4096 && line.count > 4090)
            let shown = String(validating: line, as: UTF8.self) ?? "no text"
            #expect(shown.hasPrefix("begins é") && shown.hasSuffix("é ends"))
            #expect(line.count - 3 + (lines.first?.dropped ?? 0) == text.utf8.count)
        }
    }
}
