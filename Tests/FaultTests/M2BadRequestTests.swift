import Foundation
import Glibc
import TestSupport
import Testing

/// What the server alone makes of bad requests: `BadRequestTests`. Here a daemon's answers.
@Suite("M2 Bad requests to the daemon's pages")
struct M2BadRequestTests {
    @Test("no path names a file: 404, and the file is not opened")
    func paths() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        let directory = try TemporaryDirectory()
        let file = try directory.write("secret content", to: "secret")
        let watch = try OpenWatch(of: file)
        let climb = String(repeating: "/..", count: 12)
        let encoded = String(repeating: "/%2e%2e", count: 12)
        for path in [
            file, "\(climb)\(file)", "\(encoded)\(file)", "/metrics/..\(file)", "//\(file)",
            "/metrics/\(climb)\(file)", "file://\(file)", "http://127.0.0.1\(file)",
            "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "http://example.com/metrics",
            "/metrics/", "/METRICS", "/metrics%00", "//metrics", "/", "*",
        ] {
            let response = try RawClient(port: daemon.port).get(path)
            #expect(response.status == 404, "\(path)")
            #expect(!response.body.contains("secret"))
        }
        #expect(!watch.wasOpened)
        // The watch sees what it should.
        #expect(try directory.read("secret") == "secret content")
        #expect(watch.wasOpened)
    }

    @Test("other methods are 405, bodies 400, and nothing after them is taken for a request")
    func methods() async throws {
        let redis = try await RedisServer()
        let daemon = try await DaemonProcess.ready("jobqueued-testd", address: redis.address)
        let hidden = "GET /stats HTTP/1.1\r\nHost: test\r\n\r\n"
        for (request, status) in [
            ("POST /metrics HTTP/1.1\r\nHost: test\r\nContent-Length: \(hidden.utf8.count)", 405),
            ("DELETE /stats HTTP/1.1\r\nHost: test", 405),
            ("GET /metrics HTTP/1.1\r\nHost: test\r\nContent-Length: \(hidden.utf8.count)", 400),
            ("GET /metrics HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked", 400),
        ] {
            let client = try RawClient(port: daemon.port)
            try client.send("\(request)\r\n\r\n")
            // The connection may be closed by then.
            try? client.send("ZZ\r\n\(hidden)")
            #expect(try client.response().status == status, "\(request)")
            #expect(client.readToEnd() == "")
        }
        #expect(try daemon.get("/healthz").status == 200)
    }
}

/// Tells whether a file was opened by anybody. Wraps `inotify(7)`.
private final class OpenWatch {
    private let descriptor: Int32

    init(of path: String) throws {
        descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0, inotify_add_watch(descriptor, path, UInt32(IN_OPEN)) >= 0 else {
            throw TestSupportError("the file cannot be watched: errno \(errno)")
        }
    }

    deinit { close(descriptor) }

    /// Since the last time that it was asked.
    var wasOpened: Bool {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        return read(descriptor, &buffer, buffer.count) > 0
    }
}
