import Glibc
import JobControl
import LinuxSystem
import TestSupport
import Testing

@Suite("C1: calls whose client is gone, or whose time is over")
struct HangUpTests {
    private static let getStats = #"{"method":"io.jobqueue.Control.GetStats"}"# + "\0"
    private static let drained = #"{"parameters":{"running":2,"timeout_ms":30000}}"#

    @Test("a call ends when its client has gone, and its place is free")
    func gone() async throws {
        try await withControlServer(limits: { $0.clients = 1 }) { stand in
            stand.service.answers.update { $0.held = [.stats] }
            do {
                let client = try stand.client()
                try client.send(Self.getStats)
                try await stand.service.expectCall(.stats)
            }
            await eventually { stand.service.cancellations == 1 }
            await eventually { try stand.client().ask("Drain") == Self.drained }
        }
    }

    @Test("a client that sends no more is not gone: it reads its answer")
    func halfClosed() async throws {
        try await withControlServer { stand in
            stand.service.answers.update { $0.held = [.stats] }
            let client = try stand.client()
            try client.send(Self.getStats)
            client.endSending()
            try await stand.service.expectCall(.stats)
            #expect(stand.service.cancellations == 0)
            stand.service.answers.update { $0.held = [] }
            #expect(try client.reply().contains(#""pending":1234"#))
        }
    }

    @Test("a call that wants no answer is carried out although its client has gone")
    func oneway() async throws {
        try await withControlServer { stand in
            stand.service.answers.update { $0.held = [.stats] }
            do {
                let client = try stand.client()
                try client.send(#"{"method":"io.jobqueue.Control.GetStats","oneway":true}"# + "\0")
                try await stand.service.expectCall(.stats)
            }
            // Another client's call shows that the server has had its turn since.
            #expect(try stand.client().ask("Drain") == Self.drained)
            #expect(stand.service.cancellations == 0)
            stand.service.answers.update { $0.held = [] }
        }
    }

    @Test(
        "a call whose time is over is told to end, and its client hears that it may have been done")
    func timeOver() async throws {
        try await withControlServer(limits: { $0.call = .milliseconds(50) }) { stand in
            stand.service.answers.update { $0.held = [.stats] }
            let answer = try stand.client().call(String(Self.getStats.dropLast()))
            #expect(answer.contains("BrokerUnreachable") && answer.contains("took too long"))
            #expect(stand.service.cancellations == 1)
        }
    }

    @Test("a client whose call does not end hears so all the same, and the call keeps its place")
    func doesNotEnd() async throws {
        try await withControlServer(limits: {
            $0.call = .milliseconds(50)
            $0.callEnd = .milliseconds(50)
            $0.clients = 1
        }) { stand in
            stand.service.answers.update {
                $0.held = [.stats]
                $0.heedsCancellation = false
            }
            let client = try stand.client()
            let answer = try client.call(String(Self.getStats.dropLast()))
            #expect(answer.contains("BrokerUnreachable") && answer.contains("took too long"))
            #expect(throws: TestSupportError.self) { try client.reply() }
            #expect(try stand.client().readToEnd().contains("1 clients are connected"))
            stand.service.answers.update { $0.held = [] }
            await eventually { try stand.client().ask("Drain") == Self.drained }
        }
    }
}

@Suite("C1: places on the control socket")
struct PlacesTests {
    private static let drained = #"{"parameters":{"running":2,"timeout_ms":30000}}"#
    private static let wait =
        #"{"method":"io.jobqueue.Control.Wait","parameters":{"id":"j1"}}"# + "\0"
    private static let waiting = ServiceDouble.Call.ended(
        id: "j1", queue: nil, within: .milliseconds(Wait.standardTimeout))

    @Test("clients that wait for a job's end take no place from others")
    func waiters() async throws {
        try await withControlServer(limits: { $0.clients = 2 }) { stand in
            stand.service.answers.update { $0.held = [Self.waiting] }
            var waiters: [RawControlClient] = []
            for number in 1...10 {
                let client = try stand.client()
                try client.send(Self.wait)
                waiters.append(client)
                await eventually {
                    stand.service.calls.value.count { $0 == Self.waiting } == number
                }
            }
            #expect(try stand.client().ask("Drain") == Self.drained)
            stand.service.answers.update { $0.held = [] }
            for waiter in waiters { #expect(try waiter.reply().contains("parameters")) }
        }
    }

    @Test("more of them than may wait are told so, and can do all else")
    func tooManyWaiters() async throws {
        try await withControlServer(limits: { $0.waiters = 1 }) { stand in
            stand.service.answers.update { $0.held = [Self.waiting] }
            let first = try stand.client()
            try first.send(Self.wait)
            try await stand.service.expectCall(Self.waiting)
            let second = try stand.client()
            #expect(
                try second.call(String(Self.wait.dropLast())).contains("1 clients wait for jobs"))
            #expect(try second.ask("Drain") == Self.drained)
            stand.service.answers.update { $0.held = [] }
            #expect(try first.reply().contains("parameters"))
        }
    }

    @Test("some places are kept for root and the daemon's own user")
    func reserved() async throws {
        let group = ControlAccess(users: [], group: getegid())
        try await withControlServer(access: group, limits: { ($0.clients, $0.reserved) = (3, 2) }) {
            stand in
            let client = try stand.client()
            #expect(try client.ask("Drain") == Self.drained)
            #expect(try stand.client().readToEnd().contains("1 clients are connected"))
        }
        try await withControlServer(limits: { ($0.clients, $0.reserved) = (3, 2) }) { stand in
            let clients = try (0..<3).map { _ in try stand.client() }
            for client in clients { #expect(try client.ask("Drain") == Self.drained) }
        }
    }
}
