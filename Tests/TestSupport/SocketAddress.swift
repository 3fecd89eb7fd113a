import Glibc

/// Where a test's socket is bound or connects to; on this machine only.
package enum SocketAddress: Sendable, Equatable {
    case loopback(port: Int)
    case unix(path: String)

    var family: Int32 {
        switch self {
        case .loopback: AF_INET
        case .unix: AF_UNIX
        }
    }

    /// Lends the C address to `body`.
    func withCAddress<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
    ) throws -> Result {
        switch self {
        case .loopback(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            return try Self.lend(&address, body)
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
                throw TestSupportError("too long for a socket: \(path)")
            }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
            return try Self.lend(&address, body)
        }
    }

    /// Binds a stream socket to it, which then listens.
    package func listen(on descriptor: Int32) throws {
        let bound = try withCAddress { bind(descriptor, $0, $1) }
        guard bound == 0, Glibc.listen(descriptor, 16) == 0 else {
            throw TestSupportError.systemCall("listening on \(self)")
        }
    }

    private static func lend<Address, Result>(
        _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
    ) throws -> Result {
        try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}

/// A TCP port of the loopback that nobody uses at the moment, and that the system gives to nobody by
/// itself: a server can come back to it after a while.
package func freePort() throws -> Int {
    for _ in 0..<100 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw TestSupportError.systemCall("socket") }
        defer { close(descriptor) }
        // Linux gives out those from 32768.
        let port = Int.random(in: 10_000..<32_768)
        let isFree = try SocketAddress.loopback(port: port).withCAddress {
            bind(descriptor, $0, $1) == 0
        }
        if isFree { return port }
    }
    throw TestSupportError("no TCP port is free")
}

/// The TCP port that a socket is bound to.
func boundPort(of descriptor: Int32) throws -> Int {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let named = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            getsockname(descriptor, $0, &size)
        }
    }
    guard named == 0 else { throw TestSupportError.systemCall("getsockname") }
    return Int(UInt16(bigEndian: address.sin_port))
}
