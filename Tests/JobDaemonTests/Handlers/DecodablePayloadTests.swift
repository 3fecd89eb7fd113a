import JobQueue
import TestSupport
import Testing

@testable import JobDaemon

@Suite("Handlers whose payload is decoded")
struct DecodablePayloadTests {
    private struct Welcome: Decodable, Sendable, Equatable {
        enum Kind: String, Decodable { case mail, post }
        struct Address: Decodable, Equatable { var city: String }

        var user_id: Int
        var kind: Kind?
        var addresses: [Address]?
    }

    private struct Failure: Error {}

    /// Runs a handler with a payload; what it was given.
    private func run(_ payload: String) async throws -> Welcome? {
        let given = Watched<Welcome?>(nil)
        var registry = HandlerRegistry()
        registry.register("work", payload: Welcome.self) { payload, job, _ in
            given.update { $0 = payload }
            #expect(job.id == Sample.id("j1"))
        }
        try await call(registry, payload)
        return given.value
    }

    private func call(_ registry: HandlerRegistry, _ payload: String) async throws {
        let entry = try #require(registry.entry(for: Sample.type("work")))
        let context = JobContext(log: Logger(sink: LogCapture()), timeout: .seconds(1))
        try await entry.handler(Sample.job(payload: payload), context)
    }

    @Test("get the payload as a value, and the job with it")
    func decoded() async throws {
        #expect(try await run(#"{"user_id":42}"#) == Welcome(user_id: 42))
        #expect(
            try await run(#"{"user_id":-1,"kind":"post","addresses":[{"city":"Ulm"}],"x":[]}"#)
                == Welcome(user_id: -1, kind: .post, addresses: [.init(city: "Ulm")]))
    }

    @Test(
        "are not run when the payload does not fit, and the job is not tried again",
        arguments: [
            ("null", "has the wrong type"), ("[]", "has the wrong type"),
            ("{}", "user_id: is missing"), (#"{"user_id":"42"}"#, "user_id: has the wrong type"),
            (#"{"user_id":null}"#, "user_id: has the wrong type"),
            (#"{"user_id":1,"addresses":[{"city":"Ulm"},{}]}"#, "addresses.1.city: is missing"),
            (#"{"user_id":1,"kind":"pigeon"}"#, "kind: has a value that it cannot have"),
            (#"{"user_id":1.5}"#, "is not JSON, or has a number out of range"),
            (#"{"user_id":"#, "is not JSON, or has a number out of range"),
        ])
    func misfit(payload: String, reason: String) async throws {
        let skip = await #expect(throws: SkipRetry.self) { try await run(payload) }
        #expect(skip?.description == "the payload does not fit Welcome: \(reason)")
    }

    @Test("a payload that may be missing is told of by the name of its type")
    func optional() async throws {
        var registry = HandlerRegistry()
        registry.register("work", payload: Welcome?.self) { _, _, _ in }
        let handlers = registry
        let skip = await #expect(throws: SkipRetry.self) { try await call(handlers, "7") }
        #expect(skip?.description.hasPrefix("the payload does not fit Welcome: ") == true)
    }

    @Test("a result may be any value that can be encoded")
    func result() throws {
        let kept = KeptResult()
        let context = JobContext(
            log: Logger(sink: LogCapture()), timeout: .seconds(1), result: kept)
        try context.setResult(encoding: ["sum": 7])
        #expect(kept.payload?.text == #"{"sum":7}"#)
    }

    @Test("a payload that does not fit is not told: it could hold secrets")
    func secrets() async throws {
        for payload in [
            #"{"user_id":"s3cr3t"}"#, #"{"user_id":1,"kind":"s3cr3t"}"#,
            #"{"user_id":1,"addresses":"s3cr3t"}"#, #"{"user_id":123456789.5}"#, #""s3cr3t"#,
        ] {
            let skip = await #expect(throws: SkipRetry.self) { try await run(payload) }
            #expect(skip?.description.contains("s3cr3t") == false)
            #expect(skip?.description.contains("123456789") == false)
        }
    }

    @Test("what a handler throws is left as it is")
    func thrown() async throws {
        var registry = HandlerRegistry()
        registry.register("work", payload: Int.self) { _, _, _ in throw Failure() }
        await #expect(throws: Failure.self) { try await call(registry, "1") }
    }

    @Test("are registered with their options")
    func options() throws {
        var registry = HandlerRegistry()
        let options = HandlerOptions(timeout: .seconds(3), maxAttempts: 2)
        registry.register("work", payload: Int.self, options: options) { _, _, _ in }
        #expect(registry.entry(for: Sample.type("work"))?.options == options)
    }
}
