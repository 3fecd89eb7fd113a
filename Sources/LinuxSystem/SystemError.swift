import Glibc

/// A system call that failed, or a socket's path that cannot be used.
package enum SystemError: Error, Equatable, CustomStringConvertible {
    /// `call` failed; `path` is what it was about, where that is a file.
    case failed(call: String, path: String?, errno: Int32)
    /// The kernel keeps at most 107 bytes of a socket's path.
    case pathTooLong(path: String)
    /// The path is empty or holds a NUL.
    case pathUnusable(path: String)
    /// Something that is no socket lies where the socket should be.
    case notASocket(path: String, kind: String)
    /// Another process answers on that socket.
    case inUse(path: String)

    package var description: String {
        switch self {
        case .failed(let call, let path?, let code):
            "cannot \(call) \(path): \(Self.reason(code))" + Self.advice(call: call, errno: code)
        case .failed(let call, nil, let code):
            "cannot \(call): \(Self.reason(code))" + Self.advice(call: call, errno: code)
        case .pathTooLong(let path):
            "the socket path \(path) has \(path.utf8.count) bytes, and a socket's path may have at "
                + "most \(UnixSocket.longestPath); choose a shorter one"
        case .pathUnusable(let path):
            path.isEmpty
                ? "the socket path is empty; name a file"
                : "the socket path has a NUL byte in it; name a file"
        case .notASocket(let path, let kind):
            "\(path) is \(kind) and no socket; it is left alone: move it away, or choose another path"
        case .inUse(let path):
            "another process listens on \(path); stop it, or choose another path"
        }
    }

    /// The error number of the failed call; `nil` when no call was made.
    package var errorNumber: Int32? {
        if case .failed(_, _, let code) = self { code } else { nil }
    }

    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// What to look at next, where the reason alone does not say it.
    private static func advice(call: String, errno code: Int32) -> String {
        switch code {
        case ENOENT where call == "bind": "; does its directory exist?"
        case EACCES where call == "bind", EPERM where call == "bind", EROFS:
            "; may this user write to its directory?"
        case EACCES: "; is this user allowed there?"
        case EMFILE: "; raise LimitNOFILE="
        case ENFILE: "; raise the sysctl fs.file-max"
        default: ""
        }
    }
}
