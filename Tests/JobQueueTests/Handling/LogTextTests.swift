import JobQueue
import Testing

@Suite("One line of foreign text")
struct LogTextTests {
    @Test(
        "what would break or colour a line is escaped, all else stays",
        arguments: [
            ("plain text = 100 %", "plain text = 100 %"),
            ("grün 日本 👍", "grün 日本 👍"),
            ("a\nb\r\n\tc", "a\\nb\\r\\n\\tc"),
            ("\u{1B}[31mred\u{7F}\u{0}", "\\x1b[31mred\\x7f\\x00"),
            ("\u{85}\u{9B}31m", "\\u{85}\\u{9b}31m"),
            ("\u{202E}txt.exe\u{2028}\u{2066}", "\\u{202e}txt.exe\\u{2028}\\u{2066}"),
            ("", ""),
        ])
    func escapes(text: String, line: String) {
        #expect(LogText.line(text) == line)
        #expect(LogText.line(of: Array(text.utf8)) == line)
    }

    @Test(
        "bytes that are no text are shown as bytes",
        arguments: [
            ([0x61, 0xFF, 0x62], "a\\xffb"),
            ([0xC3], "\\xc3"),
            ([0xE2, 0x82, 0x28], "\\xe2\\x82("),
            ([0xED, 0xA0, 0x80, 0xC3, 0xBC], "\\xed\\xa0\\x80ü"),
            ([0xC0, 0xAF], "\\xc0\\xaf"),
        ] as [([UInt8], String)])
    func invalidBytes(bytes: [UInt8], line: String) {
        #expect(LogText.line(of: bytes) == line)
    }

    @Test("a line is cut off, never within a character, and says how much is missing")
    func cut() {
        #expect(LogText.line("abcdef", atMost: 6) == "abcdef")
        #expect(LogText.line("abcdefg", atMost: 6) == "abcdef… (1 bytes more)")
        #expect(LogText.line("abcdeü", atMost: 6) == "abcde… (1 bytes more)")
        #expect(LogText.line("ab\u{1F44D}", atMost: 4) == "ab… (2 bytes more)")
        #expect(
            LogText.line(of: [0x61, 0xFF, 0x62, 0x63, 0x64, 0x65], atMost: 5).hasPrefix("a\\xff"))
        let huge = LogText.line(String(repeating: "x", count: 10_000_000))
        #expect(huge.utf8.count < 4_200)
        #expect(huge.hasSuffix("x… (9995904 bytes more)"))
        let worst = LogText.line(String(repeating: "\u{1B}", count: 10_000_000))
        #expect(worst.utf8.count < 4 * 4_096 + 100)
    }
}
