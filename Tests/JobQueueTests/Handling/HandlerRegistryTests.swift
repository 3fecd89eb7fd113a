import JobQueue
import Testing

@Suite("The registry of handlers")
struct HandlerRegistryTests {
    @Test("a type has the handler and the options that it was registered with")
    func register() async throws {
        let handlers = HandlerDouble(isOpen: true)
        let options = HandlerOptions(
            timeout: .seconds(5), maxAttempts: 3, retry: RetryPolicy(base: .seconds(2)))
        var registry = HandlerRegistry()
        registry.register("email:welcome", options: options, handler: handlers.held)
        let entry = try #require(registry.entry(for: Sample.type("email:welcome")))
        #expect(entry.options == options)
        let job = Job(
            id: Sample.id("a"), type: Sample.type("email:welcome"), queue: .default,
            payload: Payload([]), attempt: 1, maxAttempts: 1)
        let log = Logger(sink: LogCapture(), job: job)
        try await entry.handler(job, JobContext(log: log, timeout: .seconds(1)))
        #expect(handlers.state.value.started == ["a"])
    }

    @Test("a type that nobody registered has none")
    func unknown() {
        #expect(HandlerRegistry().entry(for: Sample.type("email:welcome")) == nil)
        #expect(HandlerRegistry().types.isEmpty)
    }

    @Test("the last one registered for a type counts")
    func twice() throws {
        var registry = HandlerRegistry()
        registry.register("a", options: HandlerOptions(maxAttempts: 1)) { _, _ in }
        registry.register("a", options: HandlerOptions(maxAttempts: 2)) { _, _ in }
        #expect(registry.types.count == 1)
        #expect(registry.entry(for: Sample.type("a"))?.options.maxAttempts == 2)
    }

    @Test("a handler for many types has one limit for all of them, named by its pattern")
    func limit() throws {
        let pattern = try #require(JobTypePattern("report:*"))
        var registry = HandlerRegistry()
        registry.register(
            pattern, options: HandlerOptions(concurrency: 3), runningApart: { _, _ in })
        registry.register("a", options: HandlerOptions(concurrency: 1)) { _, _ in }
        registry.register("b") { _, _ in }
        let limits = ["report:x", "report:y", "a", "b"].map {
            registry.entry(for: Sample.type($0))?.limit
        }
        let shared = HandlerLimit(pattern: pattern, most: 3)
        let own = HandlerLimit(pattern: JobTypePattern(Sample.type("a")), most: 1)
        #expect(limits == [shared, shared, own, nil])
    }

    @Test("types are listed by name, each as it is written")
    func types() {
        var registry = HandlerRegistry()
        for type in ["b:2", "a", "B:1", "b:10"] { registry.register(type) { _, _ in } }
        #expect(registry.types.map(\.description) == ["B:1", "a", "b:10", "b:2"])
    }

    @Test("a copy is a registry of its own")
    func copy() {
        var registry = HandlerRegistry()
        let before = registry
        registry.register("a") { _, _ in }
        #expect(before.types.isEmpty)
    }

    @Test("a handler sees that its task was cancelled")
    func isCancelled() async {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            let job = Job(
                id: Sample.id("a"), type: Sample.type("a"), queue: .default, payload: Payload([]),
                attempt: 1, maxAttempts: 1)
            let log = Logger(sink: LogCapture(), job: job)
            return JobContext(log: log, timeout: .seconds(1)).isCancelled
        }
        #expect(await task.value)
    }

    @Test("a name that no type can have stops the program")
    func badName() async {
        await #expect(processExitsWith: .failure) {
            var registry = HandlerRegistry()
            registry.register("no name") { _, _ in }
        }
    }
}
