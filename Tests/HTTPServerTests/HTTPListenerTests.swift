import Glibc
import HTTPServer
import TestSupport
import Testing

@Suite("Listening")
struct HTTPListenerTests {
    /// Whether a client can connect to `host`, a numeric address.
    private func connects(to host: String, port: UInt16) throws -> Bool {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &found)
        defer { freeaddrinfo(found) }
        guard code == 0, let address = found?.pointee else { throw TestSupportError(host) }
        let descriptor = socket(address.ai_family, address.ai_socktype, 0)
        defer { close(descriptor) }
        return connect(descriptor, address.ai_addr, address.ai_addrlen) == 0
    }

    @Test("a port alone is every address of the machine, of both kinds")
    func everyAddress() throws {
        let listener = try HTTPListener(address: ListenAddress(":0"))
        #expect(listener.port != 0)
        #expect(try connects(to: "127.0.0.1", port: listener.port))
        #expect(try connects(to: "::1", port: listener.port))
    }

    @Test("an address is that one alone")
    func oneAddress() throws {
        let listener = try HTTPListener(address: ListenAddress("127.0.0.1:0"))
        #expect(try connects(to: "127.0.0.1", port: listener.port))
        #expect(try !connects(to: "127.0.0.2", port: listener.port))
        let other = try HTTPListener(address: ListenAddress("[::1]:0"))
        #expect(try connects(to: "::1", port: other.port))
    }

    @Test("a name is taken for its IPv4 address")
    func name() throws {
        let listener = try HTTPListener(address: ListenAddress("localhost:0"))
        #expect(try connects(to: "127.0.0.1", port: listener.port))
    }

    @Test("an address that is in use is named, with what to do")
    func inUse() throws {
        for host in ["", "127.0.0.1"] {
            let first = try HTTPListener(address: ListenAddress("\(host):0"))
            let error = #expect(throws: HTTPServerError.self) {
                _ = try HTTPListener(address: ListenAddress("\(host):\(first.port)"))
            }
            #expect(error == .addressInUse("\(host):\(first.port)"))
            #expect(error?.description.contains("--metrics-addr") == true)
        }
    }

    @Test("an address of another machine cannot be listened on")
    func foreign() {
        let error = #expect(throws: HTTPServerError.self) {
            _ = try HTTPListener(address: ListenAddress("203.0.113.1:0"))
        }
        #expect(
            error
                == .cannotListen(
                    address: "203.0.113.1:0", reason: "Cannot assign requested address"))
    }

    @Test("a socket that listens already is served from, and belongs to the server then")
    func handedOver() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #expect(listen(descriptor, 10) == 0)
        do {
            let listener = try HTTPListener(taking: descriptor)
            #expect(try connects(to: "127.0.0.1", port: listener.port))
            #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        }
    }

    @Test("what is no listening TCP socket is refused")
    func notListening() throws {
        let unbound = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let file = open("/dev/null", O_RDONLY)
        let unix = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #expect(listen(unix, 1) != 0)
        for descriptor in [unbound, file, unix, -1] {
            let error = #expect(throws: HTTPServerError.self) {
                _ = try HTTPListener(taking: descriptor)
            }
            #expect(error?.description.contains("descriptor \(descriptor) ") == true)
        }
    }
}
