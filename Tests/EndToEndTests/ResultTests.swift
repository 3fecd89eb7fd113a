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
            #expect(done.errors == ["job a is in; waiting for its end"])
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
            #expect(dead.errors.last == "jobqueuectl: job a is dead: no such user")
            #expect(dead.status == .exited(1))
            let shown = try await daemon.done("show", "a")
            #expect(shown.contains { $0.hasPrefix("state") && $0.hasSuffix("dead") }, "\(shown)")
        }
    }

    @Test(
        "whoever waits for a job that is deleted, or was never kept, hears that it is gone",
        arguments: Broker.allCases)
    func waitsForGone(broker: Broker) async throws {
        try await withDaemon(on: broker) { daemon in
            try await daemon.done("pause")
            async let waited = daemon.control(
                "enqueue", "--type", "test:job", "--id", "a", "--wait")
            await eventually { try await daemon.control("show", "a").status == .exited(0) }
            try await daemon.done("delete", "a")
            let gone = try await waited
            #expect(gone.status == .exited(5), "\(gone)")
            #expect(gone.errors.last?.contains("job a is gone") == true)

            try await daemon.done("resume")
            try await daemon.done("enqueue", "--type", "test:job", "--id", "b")
            await eventually(equals: 1) {
                try daemon.metric(#"jobqueue_jobs_processed_total{type="test:job"}"#)
            }
            let known = try await daemon.control(
                "enqueue", "--type", "test:job", "--id", "b", "--wait")
            #expect(known.status == .exited(5), "\(known)")
        }
    }

    @Test("a wait ends at its limit, and the job goes on", arguments: Broker.allCases)
    func waitsNoLonger(broker: Broker) async throws {
        try await withDaemon(on: broker) { daemon in
            try await daemon.done("pause")
            let over = try await daemon.control(
                "enqueue", "--type", "test:job", "--id", "a", "--wait-limit", "100ms")
            #expect(over.status == .exited(6), "\(over)")
            #expect(over.errors.last?.contains("job a has not ended") == true)
            #expect(try await daemon.control("show", "a").status == .exited(0))
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
