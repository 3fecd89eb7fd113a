import HTTPServer
import TestSupport
import Testing

@Suite("A crowd of HTTP clients")
struct PaceTests {
    /// How many requests the handler has taken up.
    private let taken = Watched(0)

    private var handler: HTTPServer.Handler {
        { [taken] request in
            taken.update { $0 += 1 }
            return .echo(request)
        }
    }

    @Test("has a bounded share of the loop's time: so many requests at a time, the others wait")
    func bounded() async throws {
        var limits = HTTPServerLimits.patient
        (limits.pace, limits.paceTime) = (3, .seconds(2))
        try await withServer(limits: limits, handler: handler) { server in
            let clients = try (0..<5).map { _ in try RawClient(port: server.port) }
            for client in clients { try client.send("GET /x HTTP/1.1\r\nHost: test\r\n\r\n") }
            await eventually { taken.value >= 3 }
            #expect(taken.value == 3)
            // They have their turn, in the order in which they came.
            for client in clients { #expect(try client.response().status == 200) }
            #expect(taken.value == 5)
        }
    }

    @Test("who asks alone is answered at once, again and again")
    func alone() async throws {
        try await withServer(handler: handler) { server in
            let client = try RawClient(port: server.port)
            for number in 1...50 {
                #expect(try client.get("/x").status == 200)
                #expect(taken.value == number)
            }
        }
    }

    @Test("a client that is gone before its turn leaves it to the next")
    func gone() async throws {
        var limits = HTTPServerLimits.patient
        (limits.pace, limits.paceTime) = (1, .milliseconds(200))
        try await withServer(limits: limits, handler: handler) { server in
            let first = try RawClient(port: server.port)
            #expect(try first.get("/x").status == 200)
            do {
                let second = try RawClient(port: server.port)
                try second.send("GET /x HTTP/1.1\r\nHost: test\r\n\r\n")
            }
            let third = try RawClient(port: server.port)
            #expect(try third.get("/y").status == 200)
        }
    }

    @Test("a client on this machine is known as one")
    func local() async throws {
        let handler: HTTPServer.Handler = { HTTPResponse(status: 200, text: "\($0.isLocal)") }
        try await withServer(handler: handler) { server in
            let answer = try RawClient(port: server.port).get("/x")
            #expect(answer.body == "true")
        }
    }
}
