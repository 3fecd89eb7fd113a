import Glibc
import LinuxSystem

/// What one client says, and what it is answered.
package protocol Conversation {
    /// What comes before anything was said.
    var greeting: [UInt8] { get }

    /// What is answered, and whether that was the last answer.
    typealias Answer = (bytes: [UInt8], ends: Bool)

    /// Takes what came; what is no complete request is to be kept for the next time.
    mutating func receive(_ bytes: [UInt8]) -> Answer
}

extension Conversation {
    package var greeting: [UInt8] { [] }
}

/// Something that listens on a Unix socket and answers what it is told to, each client on a thread of
/// its own. It ends with the value; a conversation ends when its client hangs up.
package final class AnsweringServer: Sendable {
    private let listener: Handle

    package init(path: String, begin: @escaping @Sendable () -> any Conversation) throws {
        listener = Handle(try UnixSocket.listen(path: path, mode: 0o600))
        try BackgroundThread.start(named: "answering") { [listener] in
            Self.serve(listener, begin)
        }
    }

    deinit { shutdown(listener.descriptor.number, Int32(SHUT_RDWR)) }

    private static func serve(
        _ listener: Handle, _ begin: @escaping @Sendable () -> any Conversation
    ) {
        while true {
            // What hangs up on a listener is that it was shut down.
            guard wait(for: listener, POLLIN) & POLLHUP == 0 else { return }
            let found: FileDescriptor?
            do { found = try UnixSocket.accept(from: listener.descriptor) } catch { return }
            guard let found else { continue }
            let client = Handle(found)
            // Without a thread for it the client is hung up on, which it can live with.
            try? BackgroundThread.start(named: "conversation") {
                var conversation = begin()
                serve(client, &conversation)
            }
        }
    }

    /// A closure cannot take what is noncopyable along.
    private final class Handle: Sendable {
        let descriptor: FileDescriptor
        init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
    }

    private static func serve(_ client: Handle, _ conversation: inout any Conversation) {
        guard send(conversation.greeting, to: client) else { return }
        while true {
            wait(for: client, POLLIN)
            guard case .bytes(let bytes) = try? client.descriptor.read(atMost: 65_536) else {
                return
            }
            let answer = conversation.receive(bytes)
            guard send(answer.bytes, to: client), !answer.ends else { return }
        }
    }

    private static func send(_ bytes: [UInt8], to client: Handle) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch try? client.descriptor.send(rest) {
            case .sent(let count): rest = rest.dropFirst(count)
            case .full: wait(for: client, POLLOUT)
            default: return false
            }
        }
        return true
    }

    /// - Returns: what has come.
    @discardableResult
    private static func wait(for handle: Handle, _ events: Int32) -> Int32 {
        var watched = pollfd(fd: handle.descriptor.number, events: Int16(events), revents: 0)
        poll(&watched, 1, -1)
        return Int32(watched.revents)
    }
}
