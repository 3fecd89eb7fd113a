import EventLoop
import HTTPServer
import TestSupport
import Testing

@Suite("The HTTP server")
struct HTTPServerTests {
    @Test("an answer comes with its status, type and body, and is not to be kept by anyone")
    func answer() async throws {
        let page = HTTPResponse(status: 503, contentType: "text/x-test", body: Array("no".utf8))
        try await withServer(handler: { _ in page }) { server in
            let response = try RawClient(port: server.port).get("/healthz")
            #expect(response.status == 503)
            #expect(response.body == "no")
            #expect(response.headers["content-type"] == "text/x-test")
            #expect(response.headers["cache-control"] == "no-store")
            #expect(response.headers["x-content-type-options"] == "nosniff")
        }
    }

    @Test("an empty answer is an answer")
    func empty() async throws {
        let nothing = HTTPResponse(contentType: "text/plain", body: [])
        try await withServer(handler: { _ in nothing }) { server in
            let client = try RawClient(port: server.port)
            #expect(try client.get("/").headers["content-length"] == "0")
            #expect(try client.get("/").status == 200)
        }
    }

    @Test("HEAD gets the head that GET gets, and no body")
    func head() async throws {
        try await withServer { server in
            let client = try RawClient(port: server.port)
            let get = try client.get("/abc")
            let head = try client.get("/abc", method: "HEAD")
            #expect(head.status == 200)
            #expect(head.headers["content-length"] == "4")
            #expect(Set(head.headers.keys) == Set(get.headers.keys))
            // Were there a body, it would be taken for the head of the next answer.
            #expect(try client.get("/next").body == "/next")
        }
    }

    @Test("one connection serves many requests, also those that are sent ahead")
    func keepAlive() async throws {
        try await withServer { server in
            let client = try RawClient(port: server.port)
            for number in 0..<20 { #expect(try client.get("/\(number)").body == "/\(number)") }
            try client.send(
                (0..<20).map { "GET /\($0) HTTP/1.1\r\nHost: test\r\n\r\n" }.joined())
            for number in 0..<20 { #expect(try client.response().body == "/\(number)") }
        }
    }

    @Test("several clients are served at the same time, each on one connection")
    func concurrent() async throws {
        let page = Array(repeating: UInt8(ascii: "x"), count: 300_000)
        let handler: HTTPServer.Handler = { request in
            request.path == "/big"
                ? HTTPResponse(contentType: "text/plain", body: page) : .echo(request)
        }
        try await withServer(handler: handler) { server in
            try await withThrowingTaskGroup { group in
                for name in 0..<8 {
                    group.addTask {
                        let client = try RawClient(port: server.port)
                        for number in 0..<50 {
                            let path = "/\(name)/\(number)"
                            #expect(try client.get(path).body == path)
                            if number % 10 == 0 {
                                #expect(try client.get("/big").body.utf8.count == page.count)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("an old client without keep-alive gets its answer, and then the end")
    func oldClient() async throws {
        try await withServer { server in
            let client = try RawClient(port: server.port)
            try client.send("GET /old HTTP/1.0\r\n\r\n")
            #expect(try #require(client.readToEnd()).hasSuffix("\r\n\r\n/old"))
        }
    }

    @Test("a client that has sent its last byte still gets its answer")
    func halfClosed() async throws {
        let arrived = Watched(false)
        let mayAnswer = Watched(false)
        let handler: HTTPServer.Handler = { request in
            arrived.update { $0 = true }
            _ = await mayAnswer.wait(within: .seconds(30), until: { $0 })
            return .echo(request)
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(port: server.port)
            try client.send("GET /half HTTP/1.1\r\nHost: test\r\n\r\n")
            client.endSending()
            _ = await arrived.wait(within: .seconds(30), until: { $0 })
            // The loop turns several times, so that the connection is suspended by now.
            for _ in 0..<3 { _ = try RawClient(port: server.port) }
            mayAnswer.update { $0 = true }
            #expect(try client.response().body == "/half")
        }
    }

    @Test("a server that was stopped has let go of its port")
    func stops() async throws {
        let port = try await withServer { server in
            let response = try RawClient(port: server.port).get("/")
            #expect(response.status == 200)
            return server.port
        }
        // A process that another test is just starting may hold it a moment longer.
        await eventually(equals: port) {
            try? HTTPListener(address: ListenAddress("127.0.0.1:\(port)")).port
        }
    }

    @Test("who connects before the server starts is served when it does")
    func connectsEarly() async throws {
        let loop = try EventLoop()
        try loop.start()
        defer { loop.stop() }
        let listener = try HTTPListener(address: ListenAddress("127.0.0.1:0"))
        let server = HTTPServer(loop: loop, listener: listener) { .echo($0) }
        let client = try RawClient(port: server.port)
        try client.send("GET /early HTTP/1.1\r\nHost: test\r\n\r\n")
        try await server.start()
        let body = try await Task { @concurrent in try client.response().body }.value
        #expect(body == "/early")
        await server.stop()
    }
}
