import CMicrohttpd
import Glibc

/// A listening socket, TCP or Unix. Owns its descriptor; dropping it closes it.
package struct HTTPListener: ~Copyable, Sendable {
    let descriptor: Int32
    /// The port that was bound, also where 0 was asked for; 0: it is a Unix socket.
    package let port: UInt16

    /// Binds `address` and listens. Blocks while a host's name is looked up, so call it off the loop
    /// (a numeric address is not looked up).
    package init(address: ListenAddress) throws(HTTPServerError) {
        try self.init(taking: Self.listen(on: address))
    }

    /// Takes over a socket that listens already, such as one that systemd opened; it is closed in
    /// any case. Throws `notListening`.
    package init(taking descriptor: Int32) throws(HTTPServerError) {
        let port = try Self.prepare(descriptor)
        self.descriptor = descriptor
        self.port = port
    }

    deinit { close(descriptor) }

    /// What `accept(2)` brought.
    enum Arrival {
        case connection(AcceptedConnection)
        /// Nobody waits.
        case none
        /// No descriptor or memory is left for one more.
        case shortage
    }

    /// Whether `accept` would bring a connection. Wraps `poll(2)`; never waits.
    var someoneWaits: Bool {
        var query = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&query, 1, 0) > 0
    }

    /// Takes the next connection that waits. Wraps `accept4(2)`; never waits.
    func accept() -> Arrival {
        while true {
            var address = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let socket = withUnsafeMutablePointer(to: &address) { storage in
                storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    accept4(
                        descriptor, $0, &length,
                        Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue))
                }
            }
            if socket >= 0 {
                return .connection(
                    AcceptedConnection(descriptor: socket, address: address, length: length))
            }
            switch errno {
            case EAGAIN, EWOULDBLOCK: return .none
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .shortage
            // This one client is gone, or its network is: accept(2) says to go on as with EAGAIN.
            case EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENETUNREACH, EHOSTDOWN,
                EHOSTUNREACH, ENONET, ENOPROTOOPT, EOPNOTSUPP:
                continue
            default: return .shortage
            }
        }
    }
}

/// A connection before libmicrohttpd takes it.
struct AcceptedConnection {
    let descriptor: Int32
    let address: sockaddr_storage
    let length: socklen_t
}

extension HTTPListener {
    /// A listening socket on `address`, of the first family that has it.
    private static func listen(on address: ListenAddress) throws(HTTPServerError) -> Int32 {
        // One socket for both families first, where every address is meant; a name is more often
        // asked for by its IPv4 address.
        let families = address.host == nil ? [AF_INET6, AF_INET] : [AF_INET, AF_INET6]
        var failure: HTTPServerError?
        for family in families {
            do {
                return try listen(on: address, family: family)
            } catch .addressInUse(let text) {
                // Not a reason to take the other family: somebody has this port.
                throw .addressInUse(text)
            } catch .unknownHost(let host, let reason) {
                // The other family may know it; and what was learnt before says more.
                failure = failure ?? .unknownHost(host, reason: reason)
            } catch {
                failure = error
            }
        }
        throw failure ?? .unknownHost("\(address)", reason: "no address")
    }

    /// Makes a listening socket fit for the loop, and returns its port; closes it on failure.
    private static func prepare(_ descriptor: Int32) throws(HTTPServerError) -> UInt16 {
        do {
            // A client may be gone between the event and `accept(2)`, which then must not wait.
            try addFlag(O_NONBLOCK, to: descriptor, get: F_GETFL, set: F_SETFL)
            try addFlag(FD_CLOEXEC, to: descriptor, get: F_GETFD, set: F_SETFD)
            return try listeningPort(of: descriptor)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// A listening socket of `family` on the first of the host's addresses that can be bound.
    private static func listen(
        on address: ListenAddress, family: Int32
    ) throws(HTTPServerError) -> Int32 {
        var hints = addrinfo()
        hints.ai_family = family
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(address.host, String(address.port), &hints, &found)
        defer { freeaddrinfo(found) }
        guard code == 0, let first = found else {
            throw .unknownHost(address.host ?? "", reason: String(cString: gai_strerror(code)))
        }
        var failure = EADDRNOTAVAIL
        for candidate in sequence(first: first, next: \.pointee.ai_next) {
            let descriptor = listen(on: candidate.pointee)
            if descriptor >= 0 { return descriptor }
            failure = errno
            if failure == EADDRINUSE { throw .addressInUse("\(address)") }
        }
        throw .cannotListen(address: "\(address)", reason: reason(failure, port: address.port))
    }

    /// Wraps `socket(2)`, `bind(2)` and `listen(2)`. Returns -1 with `errno` when one of them fails.
    private static func listen(on candidate: addrinfo) -> Int32 {
        let descriptor = socket(
            candidate.ai_family, candidate.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return -1 }
        // A connection that was closed a moment ago must not keep a restart from binding.
        set(SO_REUSEADDR, SOL_SOCKET, of: descriptor, to: 1)
        if candidate.ai_family == AF_INET6 {
            // `::` takes IPv4 clients as well, whatever the system's default is.
            set(IPV6_V6ONLY, Int32(IPPROTO_IPV6), of: descriptor, to: 0)
        }
        if bind(descriptor, candidate.ai_addr, candidate.ai_addrlen) == 0,
            Glibc.listen(descriptor, SOMAXCONN) == 0
        {
            return descriptor
        }
        let failure = errno
        close(descriptor)
        errno = failure
        return -1
    }

    private static func set(_ option: Int32, _ level: Int32, of descriptor: Int32, to value: Int32)
    {
        var value = value
        // Both options exist on every Linux; bind(2) tells what their absence would lead to.
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Checks that `descriptor` is a socket that listens, TCP or Unix, and returns its port.
    private static func listeningPort(of descriptor: Int32) throws(HTTPServerError) -> UInt16 {
        var listens: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 else {
            throw .notListening(descriptor: descriptor, reason: reason(errno))
        }
        guard listens != 0 else {
            throw .notListening(descriptor: descriptor, reason: "it does not listen")
        }
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &address) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
        }
        guard code == 0 else {
            throw .notListening(descriptor: descriptor, reason: reason(errno))
        }
        switch Int32(address.ss_family) {
        case AF_INET:
            return withUnsafeBytes(of: address) {
                UInt16(bigEndian: $0.load(as: sockaddr_in.self).sin_port)
            }
        case AF_INET6:
            return withUnsafeBytes(of: address) {
                UInt16(bigEndian: $0.load(as: sockaddr_in6.self).sin6_port)
            }
        case AF_UNIX: return 0
        default:
            throw .notListening(descriptor: descriptor, reason: "it is of another kind")
        }
    }

    /// Wraps `fcntl(2)`.
    private static func addFlag(
        _ flag: Int32, to descriptor: Int32, get: Int32, set: Int32
    ) throws(HTTPServerError) {
        let flags = fcntl(descriptor, get)
        guard flags >= 0, fcntl(descriptor, set, flags | flag) == 0 else {
            throw .notListening(descriptor: descriptor, reason: reason(errno))
        }
    }

    private static func reason(_ code: Int32, port: UInt16? = nil) -> String {
        let text = String(cString: strerror(code))
        guard code == EACCES, let port, port < 1024 else { return text }
        return "\(text); a port below 1024 needs CAP_NET_BIND_SERVICE or a socket unit"
    }
}
