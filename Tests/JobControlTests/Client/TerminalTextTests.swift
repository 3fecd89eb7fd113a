import JobControl
import Testing

@Suite("Foreign text on a terminal")
struct TerminalTextTests {
    @Test(
        "nothing that steers a terminal reaches it",
        arguments: [
            ("plain ASCII ~!", "plain ASCII ~!"), ("Grüße, 日本語 😀", "Grüße, 日本語 😀"),
            ("\u{1B}[31mred\u{1B}[0m", "\\u{1b}[31mred\\u{1b}[0m"),
            ("\u{1B}]0;title\u{07}", "\\u{1b}]0;title\\u{7}"),
            ("a\nb\r\nc\td", "a\\nb\\r\\nc\\td"), ("\u{0}\u{7F}", "\\u{0}\\u{7f}"),
            // The C1 controls, of which 9B begins a sequence too.
            ("\u{9B}31m\u{85}", "\\u{9b}31m\\u{85}"),
            // What turns the direction of reading around, or is not seen at all.
            ("gpj.\u{202E}exe", "gpj.\\u{202e}exe"), ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
            ("a\u{200B}b\u{FEFF}", "a\\u{200b}b\\u{feff}"),
            ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
            ("\u{E000}\u{F8FF}", "\\u{e000}\\u{f8ff}"), ("\u{E0041}", "\\u{e0041}"),
            ("\u{378}", "\\u{378}"), ("", ""),
        ])
    func escaped(text: String, shown: String) {
        #expect(TerminalText.escaped(text) == shown)
    }

    @Test("of the first 3 000 characters no control character is shown as itself")
    func all() {
        for scalar in (0..<3_000).compactMap(Unicode.Scalar.init) {
            let shown = TerminalText.escaped(String(Character(scalar)))
            let harmless = shown.unicodeScalars.allSatisfy {
                $0.properties.generalCategory != .control
                    && $0.properties.generalCategory != .format
            }
            #expect(harmless, "U+\(String(scalar.value, radix: 16))")
        }
    }

    @Test(
        "JSON stays the same JSON",
        arguments: [
            ("{\n  \"a\" : 1\n}", "{\n  \"a\" : 1\n}"), ("\"\u{7F}\u{9B}\"", #""\u007f\u009b""#),
            ("\"\u{202E}\"", #""\u202e""#), ("\"\u{E0041}\"", #""\udb40\udc41""#),
            ("\"ü😀\"", "\"ü😀\""),
        ])
    func json(json: String, shown: String) {
        #expect(TerminalText.escapedJSON(json) == shown)
    }
}
