import JobQueue

/// The handlers of `--demo`: one that works, one that fails at random, one that takes its time and one
/// that always fails.
enum DemoHandlers {
    /// - Parameter clock: What `demo:slow` sleeps on.
    static func register(in registry: inout HandlerRegistry, clock: any JobClock) {
        registry.register("email:welcome", payload: Welcome.self) { payload, _, context in
            context.log.debug("welcome, user \(payload.user_id)")
        }
        registry.register(
            "demo:flaky",
            options: HandlerOptions(
                maxAttempts: 4,
                retry: RetryPolicy(base: .milliseconds(500), max: .seconds(2)))
        ) { _, _ in
            if Int.random(in: 0..<100) < 60 { throw DemoFailure("out of luck") }
        }
        registry.register("demo:slow", payload: Slow?.self) { payload, _, _ in
            try await clock.sleep(for: .milliseconds(payload?.ms ?? 3000))
        }
        registry.register(
            "demo:fail", options: HandlerOptions(maxAttempts: 3)
        ) { _, _ in throw DemoFailure("this job always fails") }
    }

    private struct Welcome: Decodable {
        let user_id: Int
    }

    private struct Slow: Decodable {
        /// How long to sleep, milliseconds.
        let ms: Int
    }
}

/// What a demo's handler throws.
struct DemoFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
