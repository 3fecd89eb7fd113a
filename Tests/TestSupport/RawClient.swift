import Glibc

/// A blocking connection that sends what it is told to, good or bad. Gives up after 30 seconds.
package final class RawClient: Sendable {
    private let descriptor: Int32

    package convenience init(port: UInt16, receiveBuffer: Int32? = nil) throws {
        try self.init(.loopback(port: Int(port)), receiveBuffer: receiveBuffer)
    }

    package init(_ address: SocketAddress, receiveBuffer: Int32? = nil) throws {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw TestSupportError.systemCall("socket") }
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(
                descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        if var size = receiveBuffer {
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        let connected = try address.withCAddress { connect(descriptor, $0, $1) }
        guard connected == 0 else { throw TestSupportError.systemCall("connect") }
    }

    deinit { close(descriptor) }

    /// Sends all of `text`; throws when the server has closed the connection.
    package func send(_ text: String) throws { try send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw TestSupportError("send: errno \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    /// Asks for `path` and reads the answer.
    package func get(_ path: String, method: String = "GET") throws -> RawResponse {
        try send("\(method) \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
        return try response(hasBody: method != "HEAD")
    }

    /// Reads one answer; what follows stays unread.
    package func response(hasBody: Bool = true) throws -> RawResponse {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)) { head += try read(1) }
        var response = RawResponse(head: String(decoding: head, as: UTF8.self))
        if hasBody, let length = response.headers["content-length"].flatMap({ Int($0) }) {
            response.body = String(decoding: try read(length), as: UTF8.self)
        }
        return response
    }

    /// Reads up to this byte, which is not returned.
    package func read(upTo end: UInt8) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let byte = try read(1)
            if byte == [end] { return bytes }
            bytes += byte
        }
    }

    private func read(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let new = bytes.withUnsafeMutableBytes { buffer in
                recv(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, 0)
            }
            guard new > 0 else {
                throw TestSupportError(new == 0 ? "closed" : "recv: errno \(errno)")
            }
            filled += new
        }
        return bytes
    }

    /// Tells the server that nothing more will be sent, as `nc -N` does.
    package func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads until the server closes the connection, in whatever way.
    ///
    /// - Returns: what came before; `nil` when it is still open after the time limit.
    package func readToEnd() -> String? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 {
                bytes += buffer[..<count]
            } else if count == 0 || errno == ECONNRESET {
                return String(decoding: bytes, as: UTF8.self)
            } else {
                return nil
            }
        }
    }

    /// Whether there is something to read: bytes, or the end. Does not wait.
    package var hasInput: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) >= 0 || errno != EAGAIN
    }

    /// Whether the server has closed the connection. Does not wait.
    package var isClosed: Bool {
        var byte: UInt8 = 0
        let flags = Int32(MSG_PEEK | MSG_DONTWAIT)
        let count = recv(descriptor, &byte, 1, flags)
        return count == 0 || count < 0 && errno != EAGAIN
    }
}

/// An answer as it came.
package struct RawResponse {
    package let status: Int
    /// By lower-case name.
    package let headers: [String: String]
    package var body = ""

    package init(head: String) {
        let lines = head.split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        status = words.dropFirst().first.flatMap { Int($0) } ?? 0
        headers = Dictionary(
            lines.dropFirst().compactMap { line in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                let value = line[line.index(after: colon)...].drop { $0 == " " }
                return (line[..<colon].lowercased(), String(value))
            }, uniquingKeysWith: { $0 + ", " + $1 })
    }
}
