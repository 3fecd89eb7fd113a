import Glibc
import LinuxSystem
import TestSupport

/// Something that answers on a socket and is no daemon of ours: it takes one connection, reads a call,
/// sends what it was told to, and closes the connection or keeps silent.
final class FakeDaemon: Sendable {
    let path: String
    /// What it was asked, without the NUL.
    let call = Watched<String?>(nil)
    private let directory: TemporaryDirectory
    private let end: WakeUp

    /// - Parameter closes: whether it closes the connection after its answer.
    init(answering answer: [UInt8], closes: Bool = true) throws {
        directory = try TemporaryDirectory()
        path = directory.file("control.sock")
        end = try WakeUp()
        let listener = try Listener(path: path)
        try BackgroundThread.start(named: "fake-daemon") { [call, end] in
            // A client that goes too early ends it: the test sees what the client saw.
            try? listener.serve(answer, call)
            if !closes { end.wait() }
        }
    }

    convenience init(answering answer: String, closes: Bool = true) throws {
        try self.init(answering: Array(answer.utf8), closes: closes)
    }

    deinit { end.signal() }

    /// Closures cannot take what is noncopyable along.
    private final class Listener: Sendable {
        private let listener: FileDescriptor
        private let client = Watched<Client?>(nil)

        init(path: String) throws { listener = try UnixSocket.listen(path: path, mode: 0o600) }

        func serve(_ answer: [UInt8], _ call: Watched<String?>) throws {
            Self.wait(listener.number, POLLIN)
            guard let socket = try UnixSocket.accept(from: listener) else { return }
            let client = Client(socket)
            self.client.update { $0 = client }
            var received: [UInt8] = []
            while received.last != 0 {
                Self.wait(client.socket.number, POLLIN)
                guard case .bytes(let bytes) = try client.socket.read(atMost: 65_536) else { break }
                received += bytes
            }
            let text = String(decoding: received.dropLast(), as: UTF8.self)
            call.update { $0 = text }
            var rest = answer[...]
            while !rest.isEmpty {
                Self.wait(client.socket.number, POLLOUT)
                guard case .sent(let count) = try client.socket.send(rest) else { break }
                rest = rest.dropFirst(count)
            }
        }

        private static func wait(_ descriptor: Int32, _ events: Int32) {
            var watched = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            poll(&watched, 1, 30_000)
        }
    }

    private final class Client: Sendable {
        let socket: FileDescriptor
        init(_ socket: consuming FileDescriptor) { self.socket = socket }
    }
}
