import TestSupport
import Testing

@Suite("What comes of a job")
struct ResultTests {
    enum Broker: CaseIterable {
        case redis, file
    }

    /// A daemon with the tests' handlers.
    private func withDaemon(
        on broker: Broker, _ body: (DaemonProcess) async throws -> Void
    ) async throws {
        let arguments = ["--lease", "1s"]
        switch broker {
        case .redis:
            let redis = try await RedisServer()
            try await body(
                try await .ready("jobqueued-testd", address: redis.address, arguments))
        case .file:
            let directory = try TemporaryDirectory()
            try await body(
                try await .ready(
                    "jobqueued-testd", address: "sqlite:\(directory.file("jobs.db"))", arguments))
        }
    }

    @Test("whoever waits gets the result of a job that succeeds", arguments: Broker.allCases)
    func waits(broker: Broker) async throws {
        try await withDaemon(on: broker) { daemon in
            let done = try await daemon.control(
                "enqueue", "--type", "test:job", "--id", "a", "--payload",
                #"{"fail_first":2,"result":7}"#, "--wait")
            #expect(done.output == ["[7]"])
            #expect(done.errors.isEmpty)
            #expect(done.status == .exited(0))
            let shown = try await daemon.done("show", "a")
            #expect(shown.contains { $0.hasPrefix("state") && $0.hasSuffix("done") }, "\(shown)")
            #expect(shown.contains { $0.hasPrefix("result") && $0.hasSuffix("[7]") }, "\(shown)")
            #expect(shown.contains { $0.hasSuffix(": told to fail 2 times") }, "\(shown)")
            #expect(shown.contains { $0.contains(" 3. ") && $0.hasSuffix(": done") }, "\(shown)")
        }
    }

    @Test("whoever waits hears why a job is dead, as exit status 1", arguments: Broker.allCases)
    func waitsForDead(broker: Broker) async throws {
        try await withDaemon(on: broker) { daemon in
            let dead = try await daemon.control(
                "enqueue", "--type", "test:job", "--id", "a", "--payload",
                #"{"skip":"no such user"}"#, "--wait")
            #expect(dead.output.isEmpty)
            #expect(dead.errors == ["jobqueuectl: job a is dead: no such user"])
            #expect(dead.status == .exited(1))
            let shown = try await daemon.done("show", "a")
            #expect(shown.contains { $0.hasPrefix("state") && $0.hasSuffix("dead") }, "\(shown)")
        }
    }

    @Test("a job that nobody wants to look at leaves nothing", arguments: Broker.allCases)
    func leavesNothing(broker: Broker) async throws {
        try await withDaemon(on: broker) { daemon in
            try await daemon.done("enqueue", "--type", "test:job", "--id", "a")
            await eventually(equals: 1) {
                try daemon.metric(#"jobqueue_jobs_processed_total{type="test:job"}"#)
            }
            #expect(try await daemon.control("show", "a").status == .exited(1))
        }
    }
}
