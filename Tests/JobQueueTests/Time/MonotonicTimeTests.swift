import JobQueue
import Testing

@Suite("Points in time")
struct MonotonicTimeTests {
    private static let start = MonotonicTime(nanoseconds: 1_000)

    @Test("a point later is as far off as was added")
    func forth() {
        let later = Self.start.advanced(by: .milliseconds(5))
        #expect(later.nanoseconds == 5_001_000)
        #expect(later.since(Self.start) == .milliseconds(5))
        #expect(Self.start < later)
    }

    @Test("time does not go back", arguments: [Duration.zero, .seconds(-1), .seconds(Int64.min)])
    func negative(duration: Duration) {
        #expect(Self.start.advanced(by: duration) == Self.start)
    }

    @Test("an earlier point lies zero after a later one")
    func sinceLater() {
        #expect(Self.start.since(Self.start.advanced(by: .seconds(1))) == .zero)
        #expect(Self.start.since(Self.start) == .zero)
        #expect(Self.start.since(.never) == .zero)
    }

    @Test("beyond the end of time there is never")
    func end() {
        let late = MonotonicTime(nanoseconds: .max - 5)
        #expect(late.advanced(by: .nanoseconds(5)) == .never)
        #expect(late.advanced(by: .nanoseconds(6)) == .never)
        #expect(late.advanced(by: .seconds(Int64.max)) == .never)
        #expect(MonotonicTime.never.advanced(by: .seconds(1)) == .never)
        #expect(MonotonicTime.never.since(Self.start) == .nanoseconds(Int64.max))
    }

    @Test("a longer span is never a nearer point, up to the longest")
    func monotonic() {
        // Around where nanoseconds leave the range of Int64 and of UInt64.
        let seconds: [Int64] = [
            0, 1, 9_223_372_035, 9_223_372_036, 9_223_372_037, 18_446_744_072, 18_446_744_073,
            18_446_744_074, .max,
        ]
        var last: UInt64 = 0
        for seconds in seconds {
            for nanoseconds in [Int64(0), 500_000_000, 800_000_000, 999_999_999] {
                let span = Duration(
                    secondsComponent: seconds,
                    attosecondsComponent: nanoseconds * 1_000_000_000)
                #expect(span.wholeNanoseconds >= last, "\(span)")
                #expect(span.wholeNanoseconds <= UInt64(Int64.max))
                last = span.wholeNanoseconds
            }
        }
        #expect(last == UInt64(Int64.max))
    }

    @Test(
        "whole milliseconds leave off the rest, and end where Int64 ends",
        arguments: [
            (Duration.zero, Int64(0)), (.microseconds(1999), 1), (.microseconds(-1999), -1),
            (.milliseconds(-1500), -1500), (.seconds(3), 3000),
            (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
        ])
    func milliseconds(duration: Duration, milliseconds: Int64) {
        #expect(duration.wholeMilliseconds == milliseconds)
    }

    @Test("seconds as a number keep the fraction")
    func seconds() {
        #expect(Duration.milliseconds(1500).inSeconds == 1.5)
        #expect(Duration.milliseconds(-250).inSeconds == -0.25)
    }

    @Test("a random share is at least zero and below one, at the ends of the bits too")
    func share() {
        #expect(RandomSource { 0 }.share == 0)
        #expect(RandomSource { .max }.share < 1)
        #expect(RandomSource { 1 << 63 }.share == 0.5)
    }
}
