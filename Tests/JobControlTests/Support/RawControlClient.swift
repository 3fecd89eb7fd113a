import Glibc
import LinuxSystem
import TestSupport

/// A connection to a control socket that sends what it is told to, good or bad. Blocks, and gives up
/// after 30 seconds.
final class RawControlClient: Sendable {
    private let socket: FileDescriptor
    private let unread = Watched<[UInt8]>([])

    init(path: String) throws {
        socket = try UnixSocket.connect(path: path, timeout: .seconds(30))
    }

    /// Sends bytes as they are; throws when the server has closed the connection.
    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard case .sent(let count) = try socket.send(rest) else {
                throw TestSupportError("closed, or full for 30 s")
            }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends a frame and reads the answer.
    func call(_ frame: String) throws -> String {
        try send(frame + "\0")
        return try reply()
    }

    /// Calls a method that takes nothing of `io.jobqueue.Control`.
    func ask(_ method: String) throws -> String {
        try call(#"{"method":"io.jobqueue.Control.\#(method)"}"#)
    }

    /// The next frame.
    func reply() throws -> String {
        while true {
            let frame = unread.update { unread -> [UInt8]? in
                guard let end = unread.firstIndex(of: 0) else { return nil }
                defer { unread.removeFirst(end + 1) }
                return Array(unread[..<end])
            }
            if let frame { return String(decoding: frame, as: UTF8.self) }
            switch try socket.read(atMost: 65_536) {
            case .bytes(let bytes): unread.update { $0 += bytes }
            case .nothingYet: throw TestSupportError("no answer within 30 s")
            case .end: throw TestSupportError("closed")
            }
        }
    }

    /// Reads until the server closes the connection; all that came, its NULs as line breaks.
    func readToEnd() throws -> String {
        while case .bytes(let bytes) = try read() { unread.update { $0 += bytes } }
        let bytes = unread.update { unread in
            defer { unread = [] }
            return unread
        }
        return String(decoding: bytes.map { $0 == 0 ? UInt8(ascii: "\n") : $0 }, as: UTF8.self)
    }

    private func read() throws -> FileDescriptor.ReadResult {
        let result = try socket.read(atMost: 65_536)
        if result == .nothingYet { throw TestSupportError("still open after 30 s") }
        return result
    }

    /// Tells the server that nothing more will be sent.
    func endSending() { shutdown(socket.number, Int32(SHUT_WR)) }
}
