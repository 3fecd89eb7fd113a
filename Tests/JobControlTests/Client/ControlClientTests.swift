import Glibc
import JobControl
import LinuxSystem
import TestSupport
import Testing

@Suite("The client of the control socket")
struct ControlClientTests {
    private static let drained = #"{"parameters":{"running":2,"timeout_ms":30000}}"#

    /// What a call for a drain brings.
    private func drain(_ path: String, timeout: Duration = .seconds(30)) throws -> DrainReply {
        var client = try ControlClient(socket: path, timeout: timeout, frameLimit: 1_000)
        return try client.call(Drain.self)
    }

    private func failure(
        answering answer: String, closes: Bool = true, timeout: Duration = .seconds(30)
    ) throws -> ControlClientError? {
        let daemon = try FakeDaemon(answering: answer, closes: closes)
        return #expect(throws: ControlClientError.self) {
            try drain(daemon.path, timeout: timeout)
        }
    }

    @Test("sends a call as varlink has it, and reads the answer")
    func call() throws {
        let daemon = try FakeDaemon(answering: Self.drained + "\0")
        #expect(try drain(daemon.path) == DrainReply(running: 2, timeout: 30_000))
        #expect(
            daemon.call.value == #"{"method":"io.jobqueue.Control.Drain","parameters":{}}"#)
    }

    @Test("understands an answer of a newer daemon, with fields that it does not know")
    func newer() throws {
        let daemon = try FakeDaemon(
            answering: #"{"parameters":{"running":1,"timeout_ms":5,"x":[{}]},"continues":false}"#
                + "\0")
        #expect(try drain(daemon.path) == DrainReply(running: 1, timeout: 5))
    }

    @Test("an answer without parameters is one that has none")
    func noParameters() throws {
        let daemon = try FakeDaemon(answering: "{}\0")
        var client = try ControlClient(socket: daemon.path)
        #expect(try client.call(Pause.self, QueueNames(queues: [])).queues == nil)
    }

    @Test(
        "an error that it was answered is told as that",
        arguments: [
            (
                #"{"error":"io.jobqueue.Control.Refused","parameters":{"reason":"r"}}"#,
                ControlError.refused(reason: "r")
            ),
            (
                #"{"error":"org.varlink.service.MethodNotFound","parameters":{"method":"m"}}"#,
                .methodNotFound("m")
            ),
            (
                #"{"error":"com.example.Strange","parameters":{}}"#,
                .other(name: "com.example.Strange")
            ),
            (#"{"error":"com.example.Strange"}"#, .other(name: "com.example.Strange")),
        ])
    func answered(reply: String, error: ControlError) throws {
        #expect(try failure(answering: reply + "\0") == .answered(error))
    }

    @Test(
        "what it cannot understand is told, with the question whose program that is",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n\r\n\0", "\0", "[]\0", #"{"parameters":{}}"# + "\0",
            #"{"parameters":{"running":"two","timeout_ms":1}}"# + "\0", #"{"error":7}"# + "\0",
            #"{"parameters":{"running":1e400,"timeout_ms":1}}"# + "\0",
            String(repeating: "x", count: 1_001),
        ])
    func notUnderstood(answer: String) throws {
        let failure = try failure(answering: answer)
        guard case .notUnderstood = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(
            failure?.description.hasSuffix("; is it a jobqueued of this version?") == true)
        #expect(failure?.meansNoDaemon == true)
    }

    @Test("a daemon that ends before it has answered is told", arguments: ["", #"{"parameters"#])
    func closed(answer: String) throws {
        let failure = try failure(answering: answer)
        guard case .connectionClosed(let path) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(
            failure?.description
                == "the daemon at \(path) closed the connection before it answered; "
                + "what was asked for may or may not have been done. See: journalctl -u jobqueued")
        #expect(failure?.meansNoDaemon == true)
    }

    @Test("a daemon that does not answer is waited for no longer than asked")
    func silent() throws {
        let failure = try failure(answering: "", closes: false, timeout: .milliseconds(50))
        guard case .noAnswer(_, after: .milliseconds(50)) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(failure?.description.contains("may or may not have been done") == true)
        #expect(failure?.meansNoDaemon == true)
    }

    @Test("a call that does not fit into a frame is not sent")
    func tooLong() throws {
        let daemon = try FakeDaemon(answering: Self.drained + "\0")
        var client = try ControlClient(socket: daemon.path, frameLimit: 100)
        let id = String(repeating: "x", count: 100)
        #expect(throws: ControlClientError.tooLong(bytes: 160, limit: 100)) {
            _ = try client.call(Show.self, .init(id: id))
        }
        #expect(try client.call(Drain.self).running == 2)
        #expect(daemon.call.value?.contains("Show") == false)
    }

    // MARK: - No connection

    private func refusal(_ path: String) -> ControlClientError? {
        #expect(throws: ControlClientError.self) { try drain(path) }
    }

    @Test("says where no daemon answers, and how to look for it")
    func nobody() async throws {
        let directory = try TemporaryDirectory()
        let missing = directory.file("none.sock")
        let stale = directory.file("stale.sock")
        try await leaveSocket(at: stale)
        let throughFile = try directory.write("", to: "file") + "/control.sock"
        for path in [missing, stale, throughFile] {
            let failure = refusal(path)
            #expect(
                failure?.description
                    == "no daemon answers at \(path); is it running? See: "
                    + "systemctl status jobqueued")
            #expect(failure?.meansNoDaemon == true)
        }
    }

    @Test(
        "says what is wrong with the path of a socket that cannot be",
        arguments: [
            (String(repeating: "/x", count: 60), "has 120 bytes"), ("", "is empty"),
        ])
    func badPath(path: String, reason: String) {
        let failure = refusal(path)
        #expect(failure?.description.contains(reason) == true)
        #expect(failure?.meansNoDaemon == false)
    }

    @Test("says what to do about a socket that may not be used")
    func noPermission() {
        for code in [EACCES, EPERM] {
            let error = ControlClientError.cannotConnect(
                socket: "/x", .failed(call: "connect to", path: "/x", errno: code))
            #expect(
                error.description
                    == "/x may not be used by this user: join the group jobqueued, or use sudo")
            #expect(!error.meansNoDaemon)
        }
    }
}
