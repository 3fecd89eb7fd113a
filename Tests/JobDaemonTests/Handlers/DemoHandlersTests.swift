import JobQueue
import TestSupport
import Testing

@testable import JobDaemon

@Suite("The demo's handlers")
struct DemoHandlersTests {
    private let clock = SteppedClock()
    private let log = LogCapture()

    private var registry: HandlerRegistry {
        var registry = HandlerRegistry()
        DemoHandlers.register(in: &registry, clock: clock)
        return registry
    }

    private func run(_ type: String, _ payload: String = "null") async throws {
        let entry = try #require(registry.entry(for: Sample.type(type)))
        let context = JobContext(log: Logger(sink: log), timeout: .seconds(60))
        try await entry.handler(Sample.job(type: type, payload: payload), context)
    }

    @Test("are the four of the manual")
    func types() {
        #expect(
            registry.types.map(\.description)
                == ["demo:fail", "demo:flaky", "demo:slow", "email:welcome"])
    }

    @Test("one works, when it is told for whom")
    func welcome() async throws {
        try await run("email:welcome", #"{"user_id":42}"#)
        #expect(log.messages == ["welcome, user 42"])
        await #expect(throws: SkipRetry.self) { try await run("email:welcome") }
    }

    @Test("one always fails, and is dead after three attempts")
    func fail() async throws {
        let failure = await #expect(throws: DemoFailure.self) { try await run("demo:fail") }
        #expect(failure?.description == "this job always fails")
        #expect(registry.entry(for: Sample.type("demo:fail"))?.options.maxAttempts == 3)
    }

    @Test("one fails now and then: in 1 000 attempts it both fails and works")
    func flaky() async throws {
        var failures = 0
        for _ in 0..<1_000 {
            do { try await run("demo:flaky") } catch is DemoFailure { failures += 1 }
        }
        #expect(failures > 0 && failures < 1_000)
    }

    @Test("one takes as long as it is told to, else three seconds, and stops when it is cancelled")
    func slow() async throws {
        for (payload, duration) in [
            (#"{"ms":250}"#, Duration.milliseconds(250)), ("null", .seconds(3)),
        ] {
            async let ended: Void = run("demo:slow", payload)
            try await clock.awaitSleeper(duration)
            clock.advance(by: duration)
            try await ended
        }
        let task = Task { try await run("demo:slow") }
        try await clock.awaitSleeper(.seconds(3))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
