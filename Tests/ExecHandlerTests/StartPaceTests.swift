import JobQueue
import Testing

@testable import ExecHandler

@Suite("How soon a command that runs on is started again")
struct StartPaceTests {
    private let start = MonotonicTime(nanoseconds: 5_000_000_000)

    @Test("each that ends at once makes the next one wait longer, up to ten seconds")
    func longer() {
        var pace = StartPace()
        #expect(pace.wait(at: start) == .zero)
        var waits: [Duration] = []
        for _ in 0..<9 {
            pace.note(wasOfUse: false, lasted: .milliseconds(5), at: start)
            waits.append(pace.wait(at: start))
        }
        #expect(
            waits.map(\.wholeMilliseconds)
                == [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
        #expect(pace.wait(at: start.advanced(by: .seconds(10))) == .zero)
    }

    @Test(
        "one that has answered, or lasted, begins anew",
        arguments: [(true, Duration.zero), (false, .seconds(2))])
    func anew(wasOfUse: Bool, lasted: Duration) {
        var pace = StartPace()
        for _ in 0..<5 { pace.note(wasOfUse: false, lasted: .zero, at: start) }
        pace.note(wasOfUse: wasOfUse, lasted: lasted, at: start.advanced(by: .seconds(60)))
        #expect(pace.wait(at: start.advanced(by: .seconds(60))) == .zero)
        pace.note(wasOfUse: false, lasted: .zero, at: start.advanced(by: .seconds(60)))
        #expect(pace.wait(at: start.advanced(by: .seconds(60))) == .milliseconds(100))
    }
}
