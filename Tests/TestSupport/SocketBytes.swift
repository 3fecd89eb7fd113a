import Glibc

/// Reading what is there, and writing all of it, on a connected socket.
enum SocketBytes {
    /// Whatever is there, and whether nothing more will come.
    static func receive(_ descriptor: Int32) -> (bytes: [UInt8], hasEnded: Bool) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN { return (bytes, false) }
            if count <= 0 { return (bytes, true) }
            bytes += buffer[..<count]
        }
    }

    /// Whoever does not take it has hung up, and is found out when it is read from.
    static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
