import EventLoop
import HTTPServer
import TestSupport
import Testing

@Suite("Handlers that wait")
struct WaitingHandlerTests {
    /// Which requests came, which may be answered, which were given up.
    private let arrived = Watched<Set<String>>([])
    private let allowed = Watched<Set<String>>([])
    private let cancelled = Watched<Set<String>>([])

    /// Waits until the path is allowed, or until it is cancelled. `/now` waits for nothing.
    private var handler: HTTPServer.Handler {
        { [arrived, allowed, cancelled] request in
            if request.path == "/now" { return .echo(request) }
            arrived.update { _ = $0.insert(request.path) }
            await withTaskCancellationHandler {
                _ = await allowed.wait(within: .seconds(60), until: { $0.contains(request.path) })
            } onCancel: {
                cancelled.update { _ = $0.insert(request.path) }
                allowed.update { _ = $0.insert(request.path) }
            }
            return .echo(request)
        }
    }

    private func ask(_ path: String, _ server: HTTPServer) async throws -> RawClient {
        let client = try RawClient(port: server.port)
        try client.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
        try await hasArrived(path)
        return client
    }

    private func hasArrived(_ path: String) async throws {
        try #require(await arrived.wait(within: .seconds(30), until: { $0.contains(path) }) != nil)
    }

    private func allow(_ path: String) { allowed.update { _ = $0.insert(path) } }

    @Test("several wait at the same time, and are answered in whatever order")
    func severalWait() async throws {
        try await withServer(handler: handler) { server in
            let clients = [
                try await ask("/0", server), try await ask("/1", server),
                try await ask("/2", server),
            ]
            #expect(try RawClient(port: server.port).get("/now").status == 200)
            for number in [1, 2, 0] {
                allow("/\(number)")
                #expect(try clients[number].response().body == "/\(number)")
            }
            // The same connection waits once more.
            try clients[0].send("GET /3 HTTP/1.1\r\nHost: test\r\n\r\n")
            try await hasArrived("/3")
            allow("/3")
            #expect(try clients[0].response().body == "/3")
        }
    }

    @Test("clients that go away while their handlers wait do no harm")
    func goneClients() async throws {
        try await withServer(handler: handler) { server in
            for round in 0..<20 {
                var client: RawClient? = try await ask("/\(round)", server)
                #expect(client?.isClosed == false)
                client = nil
                // The next ones may well get the place of the one that is gone, in memory too.
                #expect(try RawClient(port: server.port).get("/now").status == 200)
                if round % 2 == 0 { allow("/\(round)") }
            }
            for round in 0..<20 { allow("/\(round)") }
            #expect(try RawClient(port: server.port).get("/now").status == 200)
        }
    }

    @Test("a handler that takes too long is cancelled, and its client told so")
    func tooLong() async throws {
        var limits = HTTPServerLimits()
        limits.handler = .milliseconds(20)
        try await withServer(limits: limits, handler: handler) { server in
            let client = try await ask("/slow", server)
            #expect(try client.response().status == 503)
            #expect(
                await cancelled.wait(within: .seconds(30), until: { $0.contains("/slow") }) != nil)
            // Another connection: on a busy machine this one may be closed by now, for being idle.
            #expect(try RawClient(port: server.port).get("/now").body == "/now")
        }
    }

    @Test("stopping closes the connections that wait, and cancels their handlers")
    func stopping() async throws {
        try await withServer(handler: handler) { server in
            let clients = [try await ask("/a", server), try await ask("/b", server)]
            let idle = try RawClient(port: server.port)
            #expect(try idle.get("/now").status == 200)
            await server.stop()
            #expect(
                await cancelled.wait(within: .seconds(30), until: { $0 == ["/a", "/b"] }) != nil)
            for client in clients { #expect(client.readToEnd() == "") }
            #expect(idle.readToEnd() == "")
        }
    }
}
