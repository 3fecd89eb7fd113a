import JobQueue
import Testing

@Suite("Spans of time as text")
struct DurationTextTests {
    @Test(
        "a span is shown with the two units that say most",
        arguments: [
            (Duration.zero, "0ms"), (.microseconds(999), "0ms"), (.milliseconds(1), "1ms"),
            (.milliseconds(250), "250ms"), (.milliseconds(999), "999ms"), (.seconds(1), "1s"),
            (.milliseconds(1500), "1.5s"), (.milliseconds(1049), "1s"), (.seconds(30), "30s"),
            (.milliseconds(59_999), "59.9s"), (.seconds(60), "1m"), (.seconds(61), "1m 1s"),
            (.seconds(720), "12m"), (.seconds(3600), "1h"), (.seconds(5400), "1h 30m"),
            (.seconds(3601), "1h 1s"), (.seconds(86_399), "23h 59m"), (.seconds(86_400), "1d"),
            (.seconds(172_800), "2d"), (.seconds(180_061), "2d 2h"),
            (.seconds(400 * 86_400), "400d"),
        ])
    func brief(duration: Duration, text: String) {
        #expect(duration.brief == text)
    }

    @Test("a span without end can be shown, a negative one is nothing")
    func ends() {
        #expect(Duration.seconds(Int64.max).brief == "106751991167d 7h")
        #expect(Duration.seconds(-1).brief == "0s")
        #expect(Duration.seconds(Int64.min).brief == "0s")
    }

    @Test(
        "a span is read as systemd writes it",
        arguments: [
            ("30", Duration.seconds(30)), ("30s", .seconds(30)), ("0", .zero), ("0s", .zero),
            ("500ms", .milliseconds(500)), ("500msec", .milliseconds(500)),
            ("250us", .microseconds(250)), ("250usec", .microseconds(250)),
            ("5m", .seconds(300)), ("5min", .seconds(300)), ("5minutes", .seconds(300)),
            ("2h", .seconds(7200)), ("2hr", .seconds(7200)), ("1hour", .seconds(3600)),
            ("1d", .seconds(86_400)), ("1 day", .seconds(86_400)), ("2w", .seconds(1_209_600)),
            ("1h 30min", .seconds(5400)), ("1h30min", .seconds(5400)), (" 1 h  5 ", .seconds(3605)),
            ("1.5s", .milliseconds(1500)), (".5s", .milliseconds(500)),
            ("1min 1s 1ms", .milliseconds(61_001)),
        ])
    func span(text: String, duration: Duration) {
        #expect(Duration(span: text) == duration)
    }

    @Test(
        "what is no span is refused",
        arguments: [
            "", " ", "s", "ms 5", "-5", "-5s", "+5", "5x", "5 parsecs", "1.2.3", ".", "1e3", "0x10",
            "infinity", "nan", "5,5", "5s;", "5\n", "٣s", "1d nonsense", "99999999999d",
            String(repeating: "9", count: 400),
        ])
    func noSpan(text: String) {
        #expect(Duration(span: text) == nil)
    }

    @Test("every number of milliseconds is read as exactly that many")
    func exact() {
        for number in 0..<20_000 {
            let milliseconds = Int64(number) * 37 % 100_000_007
            #expect(Duration(span: "\(milliseconds)ms")?.wholeMilliseconds == milliseconds)
            #expect(
                Duration(span: "\(milliseconds / 1000)s \(milliseconds % 1000)ms")
                    == .milliseconds(milliseconds))
        }
    }

    @Test("tenths of seconds are read exactly", arguments: [1.1, 2.3, 4.7, 1000.1])
    func tenths(seconds: Double) {
        let milliseconds = Int64((seconds * 1000).rounded())
        #expect(Duration(span: "\(seconds)s") == .milliseconds(milliseconds))
    }
}
