import Testing

@testable import JobControl

@Suite("Spans of time")
struct TimeSpanTests {
    @Test(
        "are read as people write them",
        arguments: [
            ("0", 0), ("90", 90_000), ("500ms", 500), ("10s", 10_000), ("5m", 300_000),
            ("5min", 300_000), ("1h30m", 5_400_000), ("1h 30m", 5_400_000), ("2d", 172_800_000),
            ("1w", 604_800_000), ("1h1m1s1ms", 3_661_001), ("1m1m", 120_000), ("007s", 7_000),
            ("1s ", 1_000), ("106751991167d", 9_223_372_036_828_800_000),
        ] as [(String, Int64)])
    func good(text: String, milliseconds: Int64) {
        #expect(TimeSpan.milliseconds(text) == milliseconds)
    }

    @Test(
        "that are none are not guessed at",
        arguments: [
            "", " ", "s", "-1s", "+1s", "1.5h", "1e3", "10 s", "10x", "1h-30m", "1hour", "1S",
            "1s,", "1h30", "soon", "٣s", "106751991168d", "9223372036854775807",
            "9223372036854775808ms", "9223372036854775807ms1ms", "1\u{301}s", "1s\n",
        ])
    func bad(text: String) {
        #expect(TimeSpan.milliseconds(text) == nil)
    }

    @Test(
        "are shown by their two largest units",
        arguments: [
            (0, "0s"), (999, "0s"), (-5_000, "0s"), (Int64.min, "0s"), (1_000, "1s"),
            (59_999, "59s"), (60_000, "1m 0s"), (192_000, "3m 12s"), (3_600_000, "1h 0m"),
            (5_461_000, "1h 31m"), (90_061_000, "1d 1h"), (31_536_000_000, "365d 0h"),
            (Int64.max, "106751991167d 7h"),
        ] as [(Int64, String)])
    func text(milliseconds: Int64, text: String) {
        #expect(TimeSpan.text(milliseconds: milliseconds) == text)
    }

    @Test("an age is never negative, whatever two clocks say")
    func age() {
        #expect(TimeSpan.age(since: 1_000, now: 61_000) == "1m 0s")
        #expect(TimeSpan.age(since: 61_000, now: 1_000) == "0s")
        #expect(TimeSpan.age(since: .min, now: .max) == "106751991167d 7h")
    }

    @Test("a moment is told by how far it is off")
    func distance() {
        #expect(TimeSpan.distance(to: 61_000, now: 1_000) == "in 1m 0s")
        #expect(TimeSpan.distance(to: 1_000, now: 61_000) == "1m 0s ago")
        #expect(TimeSpan.distance(to: 1_000, now: 1_000) == "0s ago")
    }
}
