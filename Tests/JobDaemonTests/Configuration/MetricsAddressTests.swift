import HTTPServer
import Testing

@testable import JobDaemon

@Suite("Where the pages are served")
struct MetricsAddressTests {
    @Test("an address, a Unix socket, or nowhere")
    func readable() throws {
        #expect(try MetricsAddress("off") == .off)
        #expect(try MetricsAddress("unix:/run/m.sock") == .unix(path: "/run/m.sock"))
        #expect(try MetricsAddress(":2112") == .tcp(ListenAddress(":2112")))
    }

    @Test(
        "all else is refused, a path that no socket can have among it",
        arguments: [
            "", "on", "unix:", "unix:m.sock", "unix:/" + String(repeating: "x", count: 107),
            "2112", "host",
        ])
    func refused(text: String) {
        #expect(throws: ValueError.self) { try MetricsAddress(text) }
    }
}
