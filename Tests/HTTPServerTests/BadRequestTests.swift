import HTTPServer
import TestSupport
import Testing

@Suite("Bad requests")
struct BadRequestTests {
    @Test(
        "the target reaches the handler as it was sent, up to the question mark",
        arguments: [
            ("/../../etc/passwd", "/../../etc/passwd"), ("/%2e%2e/%2E%2E/", "/%2e%2e/%2E%2E/"),
            ("//metrics", "//metrics"), ("/metrics%00", "/metrics%00"), ("/a+b%20c", "/a+b%20c"),
            ("http://example.com/metrics", "http://example.com/metrics"), ("*", "*"),
            ("/metrics?name=x%26y", "/metrics"), ("/metrics?", "/metrics"), ("?", ""),
            ("/a b", "/a b"), ("/ü", "/ü"),
        ])
    func literalTarget(target: String, path: String) async throws {
        try await withServer { server in
            let response = try RawClient(port: server.port).get(target)
            #expect(response.body == path)
        }
    }

    @Test(
        "other methods are refused with what is allowed, and nothing after them is read",
        arguments: ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "get", "GETS"])
    func otherMethods(method: String) async throws {
        let handled = Watched(0)
        let handler: HTTPServer.Handler = { request in
            handled.update { $0 += 1 }
            return .echo(request)
        }
        try await withServer(handler: handler) { server in
            let client = try RawClient(port: server.port)
            try client.send(
                "\(method) /metrics HTTP/1.1\r\nHost: test\r\n\r\nGET /b HTTP/1.1\r\n\r\n")
            let response = try client.response()
            #expect(response.status == 405)
            #expect(response.headers["allow"] == "GET, HEAD")
            #expect(client.readToEnd() == "")
            #expect(handled.value == 0)
        }
    }

    @Test(
        "a body is refused before it is sent",
        arguments: [
            ("POST", "Content-Length: 1000000000000", 405),
            ("POST", "Content-Length: 10\r\nExpect: 100-continue", 405),
            ("POST", "Transfer-Encoding: chunked", 405),
            ("GET", "Content-Length: 5", 400), ("GET", "Transfer-Encoding: chunked", 400),
            ("HEAD", "Transfer-Encoding: gzip", 400), ("GET", "Content-Length: -1", 400),
            ("GET", "Content-Length: five", 400),
            ("GET", "Content-Length: 99999999999999999999999", 413),
            ("GET", "Content-Length: 0\r\nTransfer-Encoding: chunked", 400),
        ])
    func bodies(method: String, header: String, status: Int) async throws {
        try await withServer { server in
            let client = try RawClient(port: server.port)
            try client.send("\(method) /metrics HTTP/1.1\r\nHost: test\r\n\(header)\r\n\r\n")
            #expect(try client.response(hasBody: method != "HEAD").status == status)
            #expect(client.readToEnd() != nil)
        }
    }

    @Test("a body of no length is none")
    func emptyBody() async throws {
        try await withServer { server in
            let client = try RawClient(port: server.port)
            try client.send("GET /a HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n")
            #expect(try client.response().body == "/a")
        }
    }

    @Test("a chunked body with bad chunks is not read")
    func badChunks() async throws {
        try await withServer { server in
            let client = try RawClient(port: server.port)
            try client.send(
                "GET /a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "FFFFFFFFFFFFFFFFFFFF\r\nxx\r\n-1\r\n\r\n")
            #expect(try client.response().status == 400)
            #expect(client.readToEnd() != nil)
        }
    }

    @Test(
        "what is no HTTP is refused or cut off, and the server goes on",
        arguments: [
            "\r\n\r\n\r\n\r\nx\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", " \r\n\r\n",
            "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1x\r\n\r\n", "GET / FTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nno colon\r\n\r\n",
            "\u{0}\u{0}\u{0}\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n",
            String(repeating: "A", count: 100_000),
            "GET /" + String(repeating: "a", count: 64 * 1024) + " HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 64 * 1024) + "\r\n\r\n",
            "GET / HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 11 * 1024) + "\r\n",
        ])
    func garbage(text: String) async throws {
        var limits = HTTPServerLimits()
        // Empty lines are passed over while a request is awaited.
        limits.idle = .seconds(1)
        try await withServer(limits: limits) { server in
            let client = try RawClient(port: server.port)
            // Part of it may be refused on the way: then the sending fails.
            _ = try? client.send(text)
            client.endSending()
            let answer = try #require(client.readToEnd())
            if !answer.isEmpty { #expect((400...505).contains(RawResponse(head: answer).status)) }
            #expect(try RawClient(port: server.port).get("/next").body == "/next")
        }
    }

    @Test("random bytes do no harm")
    func randomBytes() async throws {
        try await withServer { server in
            var random = SystemRandomNumberGenerator()
            for _ in 0..<200 {
                let client = try RawClient(port: server.port)
                let count = Int.random(in: 1...2_000, using: &random)
                var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
                if Bool.random(using: &random) { bytes = Array("GET / HTTP/1.1\r\n".utf8) + bytes }
                // As above.
                _ = try? client.send(bytes + Array("\r\n\r\n".utf8))
            }
            #expect(try RawClient(port: server.port).get("/next").body == "/next")
        }
    }
}
