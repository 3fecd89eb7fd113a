import Glibc
import JobControl
import LinuxSystem
import TestSupport
import Testing

@Suite("The control server")
struct ControlServerTests {
    private static let drained = #"{"parameters":{"running":2,"timeout_ms":30000}}"#

    @Test("a client asks again and again on one connection")
    func conversation() async throws {
        try await withControlServer { stand in
            let client = try stand.client()
            for _ in 0..<100 { #expect(try client.ask("Drain") == Self.drained) }
            #expect(try client.ask("Nope").contains("MethodNotFound"))
            #expect(try client.ask("Drain") == Self.drained)
            #expect(stand.service.calls.value.count == 101)
            #expect(stand.log.value.isEmpty)
        }
    }

    @Test("calls that are sent together are answered one by one, in order")
    func pipelined() async throws {
        try await withControlServer { stand in
            let client = try stand.client()
            let frames = (0..<50).map { number in
                #"{"method":"io.jobqueue.Control.Show","parameters":{"id":"j\#(number)"}}"#
                    + "\0"
            }
            try client.send(frames.joined() + #"{"method":"io.jobqueue.Control.Drain"}"# + "\0")
            for _ in 0..<50 { #expect(try client.reply() == #"{"parameters":{"jobs":[]}}"#) }
            #expect(try client.reply() == Self.drained)
            #expect(
                stand.service.calls.value == (0..<50).map { .jobs(id: "j\($0)") } + [.drain])
        }
    }

    @Test("calls that want no answer get none, and do not disturb those that do")
    func oneway() async throws {
        try await withControlServer { stand in
            let client = try stand.client()
            let call = #"{"method":"io.jobqueue.Control.GetStats","oneway":true}"#
            try client.send(String(repeating: call + "\0", count: 100))
            #expect(try client.ask("Drain") == Self.drained)
            #expect(stand.service.calls.value.count == 101)
        }
    }

    @Test("a client that sends its call and closes its side still gets the answer")
    func halfClosed() async throws {
        try await withControlServer { stand in
            let client = try stand.client()
            try client.send(#"{"method":"io.jobqueue.Control.Drain"}"# + "\0")
            client.endSending()
            #expect(try client.readToEnd() == Self.drained + "\n")
        }
    }

    @Test("a call that takes too long is ended, and the caller is told that it may have been done")
    func callTimeout() async throws {
        try await withControlServer(limits: { $0.call = .milliseconds(100) }) { stand in
            stand.service.answers.update { $0.held = [.stats] }
            let client = try stand.client()
            let reply = try client.ask("GetStats")
            #expect(reply.contains("BrokerUnreachable") && reply.contains("it took too long"))
            #expect(stand.service.cancellations == 1)
            // The connection is good for more.
            #expect(try client.ask("Drain") == Self.drained)
        }
    }

    @Test("a client that leaves while its call is carried out disturbs nobody")
    func leftEarly() async throws {
        try await withControlServer(limits: { $0.clients = 1 }) { stand in
            stand.service.answers.update { $0.held = [.stats] }
            do {
                let client = try stand.client()
                try client.send(#"{"method":"io.jobqueue.Control.GetStats"}"# + "\0")
                try await stand.service.expectCall(.stats)
            }
            stand.service.answers.update { $0.held = [] }
            // There is one place, and it becomes free.
            await eventually { try stand.client().ask("Drain") == Self.drained }
        }
    }

    // MARK: - The end

    @Test("a stop lets the call at hand be answered, then closes everything")
    func stop() async throws {
        try await withControlServer(limits: { $0.stop = .seconds(60) }) { stand, server in
            stand.service.answers.update { $0.held = [.stats] }
            let idle = try stand.client()
            #expect(try idle.ask("Drain") == Self.drained)
            let caller = try stand.client()
            try caller.send(#"{"method":"io.jobqueue.Control.GetStats"}"# + "\0")
            try await stand.service.expectCall(.stats)
            let stopped = stand.beginStop(of: server)
            #expect(try idle.readToEnd() == "")
            #expect(throws: SystemError.self) { try stand.client() }
            stand.service.answers.update { $0.held = [] }
            #expect(try caller.readToEnd().contains(#""pending":1234"#))
            await stopped.value
            #expect(access(stand.path, F_OK) != 0)
        }
    }

    @Test("the calls that a client has sent ahead are not begun any more after a stop")
    func stopBetweenCalls() async throws {
        try await withControlServer(limits: { $0.stop = .seconds(60) }) { stand, server in
            stand.service.answers.update { $0.held = [.stats] }
            let client = try stand.client()
            try client.send(
                #"{"method":"io.jobqueue.Control.GetStats"}"# + "\0"
                    + #"{"method":"io.jobqueue.Control.Drain"}"# + "\0")
            try await stand.service.expectCall(.stats)
            let stopped = stand.beginStop(of: server)
            // The server has begun to stop when its file is gone.
            await eventually { access(stand.path, F_OK) != 0 }
            stand.service.answers.update { $0.held = [] }
            #expect(try client.readToEnd().contains(#""pending":1234"#))
            await stopped.value
            #expect(stand.service.calls.value == [.stats])
        }
    }

    @Test("a stop does not wait for ever: what takes longer is cut off")
    func stopCuts() async throws {
        try await withControlServer(limits: { $0.stop = .milliseconds(50) }) { stand, server in
            stand.service.answers.update { $0.held = [.stats] }
            let client = try stand.client()
            try client.send(#"{"method":"io.jobqueue.Control.GetStats"}"# + "\0")
            try await stand.service.expectCall(.stats)
            await server.stop()
            #expect(try client.readToEnd() == "")
            await eventually(equals: 1) { stand.service.cancellations }
        }
    }

    @Test("a stop leaves the file of a socket that systemd has made alone")
    func socketOfOthers() async throws {
        try await withEventLoop { loop in
            let directory = try TemporaryDirectory()
            let path = directory.file("control.sock")
            let server = ControlServer(
                loop: loop, listener: try UnixSocket.listen(path: path, mode: 0o600),
                socketPath: nil, access: ControlAccess(users: [], group: nil),
                service: ServiceDouble()
            ) { _ in }
            try await server.start()
            await server.stop()
            #expect(access(path, F_OK) == 0)
        }
    }
}
