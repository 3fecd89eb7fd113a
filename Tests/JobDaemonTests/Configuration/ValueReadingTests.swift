import JobQueue
import Testing

@testable import JobDaemon

@Suite("The values in configuration files")
struct ValueReadingTests {
    @Test(
        "sizes count in steps of 1024",
        arguments: [
            ("1", 1), ("0", 0), ("512B", 512), ("64K", 65_536), ("1M", 1 << 20), ("2G", 2 << 30),
            ("1T", 1 << 40),
        ] as [(String, UInt64)])
    func size(text: String, bytes: UInt64) throws {
        let size = try ValueReading.size(text, 0...UInt64.max)
        #expect(size == bytes)
        #expect(try ValueReading.size(size.sizeText, 0...UInt64.max) == bytes)
    }

    @Test(
        "sizes that are none are refused",
        arguments: ["", "M", "-1", "1.5M", "1m", "1 M", "1MB", "99999999999999999999", "16777216T"])
    func badSize(text: String) {
        #expect(throws: ValueError.self) { try ValueReading.size(text, 0...UInt64.max) }
    }

    @Test("a size out of bounds is told with the bounds")
    func sizeBounds() {
        let error = #expect(throws: ValueError.self) {
            try ValueReading.size("512K", (1 << 20)...(1 << 30))
        }
        #expect(error?.description == "'512K' must be between 1M and 1G")
    }

    @Test(
        "yes and no have the words that systemd takes",
        arguments: [
            ("yes", true), ("true", true), ("on", true), ("1", true), ("Yes", true), ("no", false),
            ("false", false), ("off", false), ("0", false),
        ])
    func flag(text: String, value: Bool) throws {
        #expect(try ValueReading.flag(text) == value)
    }

    @Test("other words are neither", arguments: ["", "y", "maybe", "2"])
    func badFlag(text: String) {
        #expect(throws: ValueError.self) { try ValueReading.flag(text) }
    }

    @Test(
        "a span is shown so that it reads as the same",
        arguments: [
            "0s", "1us", "500ms", "1s 500ms", "15s", "1min", "1h 30min", "7d",
            "1d 1h 1min 1s 1ms 1us",
        ])
    func span(text: String) throws {
        let span = try #require(Duration(span: text))
        #expect(span.spanText == text)
        #expect(Duration(span: span.spanText) == span)
    }

    // MARK: - Words

    @Test(
        "a command line is split as systemd does it",
        arguments: [
            ("", []), ("   ", []), ("/bin/true", ["/bin/true"]), (" a\t b  c ", ["a", "b", "c"]),
            (#""a b" 'c d' e"#, ["a b", "c d", "e"]), (#""/a b" "c""#, ["/a b", "c"]),
            (#"a"b c"d"#, ["ab cd"]), (#""" '' x"#, ["", "", "x"]),
            (#"a\ b"#, nil), (#"a\sb"#, ["a b"]), (#"\x41\x20b"#, ["A b"]),
            (#""a\"b" 'c\'d' \\"#, [#"a"b"#, "c'd", "\\"]),
            (#"\t\n\r\a\b\f\v"#, ["\t\n\r\u{7}\u{8}\u{C}\u{B}"]),
            (#""it's" '"'"#, ["it's", "\""]), ("é ü", ["é", "ü"]), (#"\xc3\xa9"#, ["é"]),
            ("$HOME *;|&", ["$HOME", "*;|&"]), (#"a #b"#, ["a", "#b"]),
            (#""a"#, nil), ("'a", nil), (#"a\"#, nil), (#"\q"#, nil), (#"\x4"#, nil),
            (#"\x00"#, nil), (#"\xff"#, nil), (#"\xzz"#, nil),
        ] as [(String, [String]?)])
    func words(text: String, words: [String]?) throws {
        if let words {
            #expect(try WordSplitting.words(of: text) == words)
        } else {
            #expect(throws: ValueError.self) { try WordSplitting.words(of: text) }
        }
    }

    // MARK: - Values of handler files

    @Test(
        "variables are KEY=VALUE words",
        arguments: [
            ("A=1", ["A": "1"]), ("A=", ["A": ""]), ("A=1 A=2", ["A": "2"]),
            (#""A=b c" 'D=e' F="g h" _x9=a=b"#, ["A": "b c", "D": "e", "F": "g h", "_x9": "a=b"]),
            ("A", nil), ("=1", nil), ("9A=1", nil), ("A-B=1", nil), ("A=b c", nil),
            ("JOB_ID=1", nil),
            (#""A=1"#, nil),
        ] as [(String, [String: String]?)])
    func environment(text: String, variables: [String: String]?) throws {
        if let variables {
            #expect(try HandlerValues.environment(text) == variables)
        } else {
            #expect(throws: ValueError.self) { try HandlerValues.environment(text) }
        }
    }

    @Test(
        "exit statuses are numbers of 1 to 255",
        arguments: [
            ("1", [1]), ("64 65  255", [64, 65, 255]), ("0", nil), ("256", nil), ("-1", nil),
            ("x", nil), ("1,2", nil),
        ] as [(String, Set<UInt8>?)])
    func statuses(text: String, statuses: Set<UInt8>?) throws {
        if let statuses {
            #expect(try HandlerValues.statuses(text) == statuses)
        } else {
            #expect(throws: ValueError.self) { try HandlerValues.statuses(text) }
        }
    }
}
