import Foundation
import JobControl
import Testing

@Suite("Moments")
struct MomentTests {
    @Test(
        "are read in RFC 3339 and as Unix seconds",
        arguments: [
            ("0", 0), ("1769848200", 1_769_848_200_000), ("1970-01-01T00:00:00Z", 0),
            ("2026-01-31T08:30:00Z", 1_769_848_200_000),
            ("2026-01-31t08:30:00z", 1_769_848_200_000),
            ("2026-01-31 08:30:00Z", 1_769_848_200_000),
            ("2026-01-31T09:30:00+01:00", 1_769_848_200_000),
            ("2026-01-31T03:00:00-05:30", 1_769_848_200_000),
            ("2026-01-31T08:30:00.5Z", 1_769_848_200_500),
            ("2026-01-31T08:30:00.123456789Z", 1_769_848_200_123),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000),
            ("2000-02-29T12:00:00Z", 951_825_600_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("253402300799", 253_402_300_799_000),
        ] as [(String, Int64)])
    func good(text: String, milliseconds: Int64) {
        #expect(Moment.milliseconds(text) == milliseconds)
    }

    @Test(
        "that are none are not guessed at",
        arguments: [
            "", " ", "now", "-1", "1.5", "2026-01-31", "2026-01-31T08:30Z", "2026-01-31T08:30:00",
            "2026-1-31T08:30:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T08:60:00Z",
            "2026-01-31T08:30:61Z", "2026-01-31T08:30:00.Z", "2026-01-31T08:30:00+1:00",
            "2026-01-31T08:30:00+24:00", "2026-01-31T08:30:00Zx", "2026-01-31T08:30:00 Z",
            "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "0000-01-01T00:00:00Z",
            "253402300800", "99999999999999999999", "9223372036854775807", "٢٠٢٦",
        ])
    func bad(text: String) {
        #expect(Moment.milliseconds(text) == nil)
    }

    @Test("are shown in UTC to the second, and as numbers where that cannot be")
    func text() {
        #expect(Moment.text(milliseconds: 0) == "1970-01-01T00:00:00Z")
        #expect(Moment.text(milliseconds: 1_769_848_200_999) == "2026-01-31T08:30:00Z")
        #expect(Moment.text(milliseconds: 253_402_300_799_999) == "9999-12-31T23:59:59Z")
        #expect(Moment.text(milliseconds: -1) == "-1 ms")
        #expect(Moment.text(milliseconds: 253_402_300_800_000) == "253402300800000 ms")
        #expect(Moment.text(milliseconds: .min) == "\(Int64.min) ms")
    }

    @Test("agree with another calendar on every 41st day of 8 000 years, and are read back")
    func calendar() {
        let style = Date.ISO8601FormatStyle()
        for day in stride(from: Int64(0), to: 2_932_896, by: 41) {
            let seconds = day * 86_400 + day % 86_400
            let text = Moment.text(milliseconds: seconds * 1000)
            #expect(text == Date(timeIntervalSince1970: Double(seconds)).formatted(style))
            #expect(Moment.milliseconds(text) == seconds * 1000)
        }
    }
}
