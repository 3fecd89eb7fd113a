import ChildProcesses
import ExecHandler
import JobQueue
import LinuxSystem
import Synchronization
import Testing

@testable import ExecHandler

@Suite("What becomes of a job whose command or handler is missing")
struct KnownHandlersTests {
    /// Moved by hand.
    private final class Clock: JobClock {
        private let time = Mutex(Duration.zero)
        var now: MonotonicTime {
            MonotonicTime(nanoseconds: 0).advanced(by: time.withLock { $0 })
        }
        let unixMilliseconds: Int64 = 0

        func sleep(for duration: Duration) async throws {}
        func advance(by duration: Duration) { time.withLock { $0 += duration } }
    }

    private let clock = Clock()
    private let pattern: JobTypePattern
    private let missing = ChildProcessError.notFound(executable: "/x")

    init() throws {
        pattern = try #require(JobTypePattern("mail:*"))
        clock.advance(by: .seconds(100))
    }

    private func isDead(_ error: any Error) -> Bool { error is SkipRetry }

    @Test("a command that was there within the hour is tried again, then its jobs are dead at once")
    func hour() {
        let known = KnownHandlers(clock: clock)
        #expect(isDead(known.failure(missing, of: pattern)))
        known.note(pattern)
        #expect(!isDead(known.failure(missing, of: pattern)))
        clock.advance(by: .seconds(3600))
        #expect(!isDead(known.failure(missing, of: pattern)))
        clock.advance(by: .seconds(1))
        #expect(isDead(known.failure(missing, of: pattern)))
        known.note(pattern)
        #expect(!isDead(known.failure(missing, of: pattern)))
    }

    @Test("with NoHandler=retry it is tried again for ever")
    func retry() throws {
        let known = KnownHandlers(.retry, clock: clock)
        let type = try #require(JobType("other"))
        #expect(!isDead(known.failure(missing, of: pattern)))
        #expect(!isDead(known.failure(ofMissing: type, former: nil)))
        known.rule = .dead
        #expect(isDead(known.failure(missing, of: pattern)))
        #expect(isDead(known.failure(ofMissing: type, former: nil)))
    }

    @Test("a type whose handler file has gone is tried again for the hour")
    func goneFile() throws {
        let known = KnownHandlers(clock: clock)
        let type = try #require(JobType("mail:x"))
        known.note(pattern)
        let failure = known.failure(ofMissing: type, former: pattern)
        #expect(!isDead(failure))
        #expect("\(failure)" == "no handler for type mail:x any more")
        #expect(known.prune() == [pattern])
        clock.advance(by: .seconds(3601))
        #expect(
            "\(known.failure(ofMissing: type, former: pattern))" == "no handler for type mail:x")
        #expect(isDead(known.failure(ofMissing: type, former: pattern)))
        #expect(known.prune() == [])
    }

    @Test("what passes by itself is tried again, and what a command is given is not, known or not")
    func others() {
        let known = KnownHandlers(clock: clock)
        func system(_ code: Int32) -> SystemError {
            .failed(call: "start", path: "/x", errno: code)
        }
        for error in [
            ChildProcessError.noResources(system(11)), .notStarted(system(26)),
            .limitsRefused(system(1)), .cancelled,
        ] { #expect(!isDead(known.failure(error, of: pattern)), "\(error)") }
        known.note(pattern)
        for error in [
            ChildProcessError.argumentsTooLong(executable: "/x"),
            .holdsNUL(executable: "/x", part: "its name"),
        ] { #expect(isDead(known.failure(error, of: pattern)), "\(error)") }
        for error in [
            ChildProcessError.interpreterNotFound(executable: "/x"),
            .notAllowed(executable: "/x"), .notAProgram(executable: "/x"),
            .noDirectory(system(2)), .notStarted(system(20)), .notStarted(system(116)),
        ] { #expect(!isDead(known.failure(error, of: pattern)), "\(error)") }
    }
}
