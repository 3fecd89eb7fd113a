import HTTPServer
import Testing

@Suite("Addresses to listen on")
struct ListenAddressTests {
    @Test(
        "host and port are read",
        arguments: [
            (":2112", nil, 2112), ("127.0.0.1:0", "127.0.0.1", 0), ("[::1]:80", "::1", 80),
            ("[::]:65535", "::", 65535), ("example.org:2112", "example.org", 2112),
            ("[fe80::1%eth0]:1", "fe80::1%eth0", 1),
        ] as [(String, String?, UInt16)])
    func reads(text: String, host: String?, port: UInt16) throws {
        let address = try ListenAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.description == text)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", ":", "2112", "host", "host:", "host:x", "host:65536", "host:-1", "host:+1",
            "::1:2112", "[::1]", "[::1:2112", "::1]:2112", "[localhost]:1", "[]:1", "a b:1",
            "http://host:1", "host/x:1", ":٢", "host: 1",
        ])
    func refuses(text: String) {
        #expect(throws: HTTPServerError.badAddress(text)) { try ListenAddress(text) }
    }
}
