import Foundation

/// The service manager's end of `sd_notify`: give `environment` to a daemon and await what it says.
package final class NotifySocket: Sendable {
    /// Goes into NOTIFY_SOCKET.
    package let path: String
    private let directory: TemporaryDirectory
    private let descriptor: Int32
    private let received: Watched<[String]>

    package init() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("notify")
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw TestSupportError.systemCall("socket") }
        let bound = try SocketAddress.unix(path: path).withCAddress { bind(descriptor, $0, $1) }
        guard bound == 0 else {
            close(descriptor)
            throw TestSupportError.systemCall("bind")
        }
        let received = Watched<[String]>([])
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { break }
                let message = String(decoding: buffer[..<count], as: UTF8.self)
                received.update { $0.append(message) }
            }
            close(descriptor)
        }
        self.directory = directory
        self.path = path
        self.descriptor = descriptor
        self.received = received
    }

    deinit {
        // Ends the thread's recv(2), which then closes the socket.
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// What a child process needs to find it.
    package var environment: [String: String] { ["NOTIFY_SOCKET": path] }

    /// All messages so far, one element for each datagram; a datagram may have several lines.
    package var messages: [String] { received.value }

    /// Awaits a message that contains `text`, among those that came already too.
    ///
    /// - Parameter number: which of the messages that contain it, counted from 1.
    @discardableResult
    package func message(
        containing text: String, number: Int = 1, within limit: Duration = .patience
    ) async throws -> String {
        let messages = await received.wait(within: limit) {
            $0.count { $0.contains(text) } >= number
        }
        guard let message = messages?.filter({ $0.contains(text) }).dropFirst(number - 1).first
        else {
            throw TestSupportError(
                "no message with \"\(text)\" within \(limit); got: \(self.messages)")
        }
        return message
    }
}
