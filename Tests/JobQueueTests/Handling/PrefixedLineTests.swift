import JobQueue
import Testing

@Suite("A line with its level before it")
struct PrefixedLineTests {
    @Test(
        "the level is taken, and all else stays",
        arguments: [
            ("<3>disk full", LogLevel.error, "disk full"), ("<0>gone", .error, "gone"),
            ("<7>detail", .debug, "detail"), ("<8>what", .info, "<8>what"), ("<3", .info, "<3"),
            ("plain", .info, "plain"), ("", .info, ""), ("<4>a\tb", .warning, "a\\tb"),
        ])
    func reads(line: String, level: LogLevel, text: String) {
        let found = PrefixedLine(line.utf8)
        #expect(found.level == level)
        #expect(found.text == text)
    }
}
