import Glibc
import HTTPServer
import TestSupport
import Testing

/// In each of these no connection would be closed for being idle before the test is over: that the
/// scrape is answered at all shows that room was made for it.
@Suite("A crowd of clients", .serialized)
struct CrowdTests {
    private func limits(connections: Int) -> HTTPServerLimits {
        var limits = HTTPServerLimits()
        limits.connections = connections
        limits.idle = .seconds(3_600)
        return limits
    }

    private func connect(_ count: Int, to server: HTTPServer) throws -> [RawClient] {
        try (0..<count).map { _ in try RawClient(port: server.port) }
    }

    @Test("clients that connect and say nothing cannot keep a scrape out")
    func silent() async throws {
        try await withServer(limits: limits(connections: 8)) { server in
            let clients = try connect(50, to: server)
            #expect(try RawClient(port: server.port).get("/metrics").status == 200)
            // The first ones made room for the last ones.
            #expect(clients[..<40].allSatisfy { $0.readToEnd() == "" })
            #expect(clients.last?.isClosed == false)
        }
    }

    @Test("10 000 idle connections cannot keep a scrape out")
    func tenThousand() async throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let room = Int(clamping: limit.rlim_cur) - 2_000
        try await withServer(limits: limits(connections: 256)) { server in
            let clients = try connect(min(10_000, max(1_000, room)), to: server)
            #expect(try RawClient(port: server.port).get("/metrics").status == 200)
            #expect(clients.count(where: { !$0.isClosed }) <= 256)
        }
    }

    @Test("200 clients that send a byte now and then cannot keep a scrape out")
    func slowSenders() async throws {
        try await withServer(limits: limits(connections: 16)) { server in
            let clients = try connect(200, to: server)
            for byte in "GET /slow" {
                // Most of them are closed by now.
                for client in clients { _ = try? client.send(String(byte)) }
                #expect(try RawClient(port: server.port).get("/metrics").status == 200)
            }
        }
    }

    @Test("a slow client is served when there is room")
    func slowAlone() async throws {
        try await withServer { server in
            let client = try RawClient(port: server.port)
            for byte in "GET /slow HTTP/1.1\r\nHost: test\r\n\r\n".unicodeScalars {
                try client.send(String(byte))
                // Each byte is there before the next one.
                #expect(try RawClient(port: server.port).get("/between").status == 200)
            }
            #expect(try client.response().body == "/slow")
        }
    }

    @Test("clients that never read their answer cannot keep a scrape out")
    func neverRead() async throws {
        let page = HTTPResponse(
            contentType: "text/plain", body: Array(repeating: UInt8(ascii: "x"), count: 8 << 20))
        let handler: HTTPServer.Handler = { $0.path == "/big" ? page : .echo($0) }
        try await withServer(limits: limits(connections: 8), handler: handler) { server in
            var clients: [RawClient] = []
            for _ in 0..<30 {
                let client = try RawClient(port: server.port, receiveBuffer: 4_096)
                try client.send("GET /big HTTP/1.1\r\nHost: test\r\n\r\n")
                clients.append(client)
            }
            #expect(try RawClient(port: server.port).get("/metrics").body == "/metrics")
        }
    }

    @Test("a client that keeps asking stays when idle ones are closed")
    func usefulStays() async throws {
        try await withServer(limits: limits(connections: 4)) { server in
            let scraper = try RawClient(port: server.port)
            var idle: [RawClient] = []
            for _ in 0..<30 {
                #expect(try scraper.get("/metrics").status == 200)
                idle += try connect(2, to: server)
            }
            #expect(try scraper.get("/metrics").status == 200)
            #expect(idle.first?.readToEnd() == "")
        }
    }

    @Test("a request that is being worked on is not closed to make room: the newcomer waits")
    func workIsSpared() async throws {
        let arrived = Watched(0)
        let mayAnswer = Watched(false)
        let handler: HTTPServer.Handler = { request in
            arrived.update { $0 += 1 }
            _ = await mayAnswer.wait(within: .seconds(60), until: { $0 })
            return .echo(request)
        }
        var limits = limits(connections: 2)
        limits.handler = .seconds(60)
        try await withServer(limits: limits, handler: handler) { server in
            let clients = try connect(2, to: server)
            for (number, client) in clients.enumerated() {
                try client.send("GET /\(number) HTTP/1.1\r\nHost: test\r\n\r\n")
                try #require(
                    await arrived.wait(within: .seconds(30), until: { $0 > number }) != nil)
            }
            let newcomers = try connect(3, to: server)
            for newcomer in newcomers {
                try newcomer.send("GET /new HTTP/1.1\r\nHost: test\r\n\r\n")
            }
            mayAnswer.update { $0 = true }
            for (number, client) in clients.enumerated() {
                #expect(try client.response().body == "/\(number)")
            }
            for newcomer in newcomers { #expect(try newcomer.response().body == "/new") }
        }
    }

    @Test("a connection on which nothing moves is closed after a while")
    func idle() async throws {
        var limits = HTTPServerLimits()
        limits.idle = .seconds(1)
        try await withServer(limits: limits) { server in
            let silent = try RawClient(port: server.port)
            let halfway = try RawClient(port: server.port)
            try halfway.send("GET /metrics HTTP/1.1\r\nHost:")
            let served = try RawClient(port: server.port)
            #expect(try served.get("/metrics").status == 200)
            for client in [silent, halfway, served] { #expect(client.readToEnd() == "") }
        }
    }
}
