import Glibc
import LinuxSystem

/// Why a call to the daemon brought no reply.
package enum ControlClientError: Error, Equatable, CustomStringConvertible {
    case cannotConnect(socket: String, SystemError)
    /// The socket failed after it was connected.
    case connectionFailed(socket: String, SystemError)
    case connectionClosed(socket: String)
    case noAnswer(socket: String, after: Duration)
    /// What answered does not speak the protocol.
    case notUnderstood(socket: String, reason: String)
    /// The call does not fit into a frame.
    case tooLong(bytes: Int, limit: Int)
    /// The daemon answered with an error.
    case answered(ControlError)

    package var description: String {
        switch self {
        case .cannotConnect(let socket, let error):
            switch error.errorNumber {
            case ENOENT, ECONNREFUSED, ENOTDIR:
                "no daemon answers at \(socket); is it running? See: systemctl status "
                    + SocketPath.unit(of: socket)
            case EACCES, EPERM:
                "\(socket) may not be used by this user: \(Self.advice(about: socket))"
            default: "\(error)"
            }
        case .connectionFailed(let socket, let error):
            "the connection to \(socket) failed: \(error); \(Self.unknownOutcome)"
        case .connectionClosed(let socket):
            "the daemon at \(socket) closed the connection before it answered; "
                + "\(Self.unknownOutcome). See: journalctl -u \(SocketPath.unit(of: socket))"
        case .noAnswer(let socket, let limit):
            "the daemon at \(socket) did not answer within \(limit); \(Self.unknownOutcome). "
                + "See: systemctl status \(SocketPath.unit(of: socket))"
        case .notUnderstood(let socket, let reason):
            "what answers at \(socket) is not understood: \(reason); is it a jobqueued of this "
                + "version?"
        case .tooLong(let bytes, let limit):
            "the request has \(bytes) bytes, and a frame at most \(limit)"
        case .answered(.permissionDenied(let userID, _)):
            "permission denied to user \(userID): join the group jobqueued, or use sudo"
        case .answered(let error): "\(error)"
        }
    }

    /// The group that opens the socket is the service's, which an instance may have of its own.
    private static func advice(about socket: String) -> String {
        let directory = socket.lastIndex(of: "/").map { String(socket[..<$0]) } ?? "."
        let group = UserDatabase.groupOfFile(socket) ?? UserDatabase.groupOfFile(directory)
        return switch group {
        case nil: "join the group jobqueued, or use sudo"
        case "root": "use sudo"
        case let group?: "join the group \(group), or use sudo"
        }
    }

    private static let unknownOutcome = "what was asked for may or may not have been done"

    /// Whether there is no daemon that could have answered.
    package var meansNoDaemon: Bool {
        switch self {
        case .cannotConnect(_, let error):
            // Without a number the path itself is wrong, and nothing was called.
            error.errorNumber.map { $0 != EACCES && $0 != EPERM } ?? false
        case .connectionFailed, .connectionClosed, .noAnswer, .notUnderstood: true
        case .tooLong, .answered: false
        }
    }
}
