import CLinux
import Glibc

/// Stream sockets that have a path in the file system.
package enum UnixSocket {
    /// The longest path that a socket can have, in bytes.
    package static let longestPath = 107

    // MARK: - The listening side

    /// Makes a socket at `path` that listens and never blocks.
    ///
    /// A socket that lies there and that nobody answers on is replaced. Anything else that lies
    /// there is left alone and thrown: another kind of file, a symbolic link, a socket in use.
    /// Two processes that start at the same moment must be kept apart by a lock of their own.
    ///
    /// - Parameter mode: who may connect. It is set before the first connection is possible,
    ///   whatever the umask.
    package static func listen(path: String, mode: UInt32) throws(SystemError) -> FileDescriptor {
        let listener = try makeSocket(path: path, kind: SOCK_NONBLOCK)
        try removeStaleSocket(at: path)
        // Linux gives the file that `bind` makes the mode of the socket, less the umask: never more
        // than asked for, and nobody can connect before `listen`.
        guard fchmod(listener.number, mode) == 0 else {
            throw .failed(call: "set the mode of", path: path, errno: errno)
        }
        guard withAddress(of: path, { Glibc.bind(listener.number, $0, $1) }) == 0 else {
            if errno == EADDRINUSE { throw .inUse(path: path) }
            throw .failed(call: "bind", path: path, errno: errno)
        }
        do throws(SystemError) {
            guard fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw .failed(call: "set the mode of", path: path, errno: errno)
            }
            guard Glibc.listen(listener.number, backlog) == 0 else {
                throw .failed(call: "listen on", path: path, errno: errno)
            }
        } catch {
            unlink(path)
            throw error
        }
        return listener
    }

    /// Takes over a socket that listens already, such as one that systemd opened; it never blocks from now
    /// on. It is closed in any case: thrown is what is no such socket.
    package static func take(listening number: Int32) throws(SystemError) -> FileDescriptor {
        let listener = FileDescriptor(owning: number)
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &address) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(number, $0, &size)
            }
        }
        var listens: Int32 = 0
        size = socklen_t(MemoryLayout<Int32>.size)
        guard code == 0, getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 else {
            throw .failed(call: "use a socket that was passed", path: nil, errno: errno)
        }
        guard Int32(address.ss_family) == AF_UNIX, listens != 0 else {
            throw .failed(call: "use a socket that was passed", path: nil, errno: EPROTOTYPE)
        }
        try listener.setNonBlocking()
        return listener
    }

    /// Takes the next connection; it is non-blocking and no child inherits it. `nil`: none waits.
    /// Wraps `accept4(2)`.
    package static func accept(
        from listener: borrowing FileDescriptor
    ) throws(SystemError) -> FileDescriptor? {
        while true {
            let number = clinux_accept(listener.number)
            if number >= 0 { return FileDescriptor(owning: number) }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EAGAIN: return nil
            case let code: throw .failed(call: "accept a connection", path: nil, errno: code)
            }
        }
    }

    /// Removes the file of a socket that listens no longer. What is no socket is left alone.
    package static func remove(path: String) throws(SystemError) {
        guard try kind(at: path) == S_IFSOCK else { return }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw .failed(call: "remove", path: path, errno: errno)
        }
    }

    // MARK: - The connecting side

    /// Connects, and blocks until then. Every later read and send blocks for at most `timeout` too.
    package static func connect(
        path: String, timeout: Duration
    ) throws(SystemError) -> FileDescriptor {
        let socket = try makeSocket(path: path, kind: nil)
        try setTimeout(timeout, SO_RCVTIMEO, of: socket)
        try setTimeout(timeout, SO_SNDTIMEO, of: socket)
        while withAddress(of: path, { Glibc.connect(socket.number, $0, $1) }) != 0 {
            switch errno {
            case EINTR: continue
            case EAGAIN: throw .failed(call: "connect to", path: path, errno: ETIMEDOUT)
            case let code: throw .failed(call: "connect to", path: path, errno: code)
            }
        }
        return socket
    }
}

// MARK: - Parts

extension UnixSocket {
    private static let backlog: Int32 = 128

    private static func makeSocket(
        path: String, kind: __socket_type?
    ) throws(SystemError) -> FileDescriptor {
        if path.isEmpty || path.utf8.contains(0) { throw .pathUnusable(path: path) }
        if path.utf8.count > longestPath { throw .pathTooLong(path: path) }
        let flags = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | (kind?.rawValue ?? 0)
        let number = socket(AF_UNIX, Int32(flags), 0)
        guard number >= 0 else {
            throw .failed(call: "make a socket for", path: path, errno: errno)
        }
        return FileDescriptor(owning: number)
    }

    /// The file's type bits; `nil` when there is none. A symbolic link is not followed.
    private static func kind(at path: String) throws(SystemError) -> mode_t? {
        var status = stat()
        if lstat(path, &status) == 0 { return status.st_mode & S_IFMT }
        if errno == ENOENT { return nil }
        throw .failed(call: "look at", path: path, errno: errno)
    }

    private static func removeStaleSocket(at path: String) throws(SystemError) {
        guard let kind = try kind(at: path) else { return }
        guard kind == S_IFSOCK else { throw .notASocket(path: path, kind: name(ofKind: kind)) }
        let probe = try makeSocket(path: path, kind: SOCK_NONBLOCK)
        if withAddress(of: path, { Glibc.connect(probe.number, $0, $1) }) == 0 {
            throw .inUse(path: path)
        }
        switch errno {
        case ECONNREFUSED: try remove(path: path)
        case ENOENT: return
        // EAGAIN: its queue is full. EPROTOTYPE: it is a socket of another type, and alive.
        case EAGAIN, EPROTOTYPE: throw .inUse(path: path)
        case let code: throw .failed(call: "connect to", path: path, errno: code)
        }
    }

    private static func name(ofKind kind: mode_t) -> String {
        switch kind {
        case S_IFLNK: "a symbolic link"
        case S_IFDIR: "a directory"
        case S_IFREG: "a file"
        case S_IFIFO: "a named pipe"
        default: "a device"
        }
    }

    private static func setTimeout(
        _ timeout: Duration, _ option: Int32, of socket: borrowing FileDescriptor
    ) throws(SystemError) {
        let (seconds, attoseconds) = max(timeout, .milliseconds(1)).components
        var time = timeval(
            tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard setsockopt(socket.number, SOL_SOCKET, option, &time, size) == 0 else {
            throw .failed(call: "set the time limit of a socket", path: nil, errno: errno)
        }
    }

    /// Calls `body` with `path` as the kernel wants it; the path was checked by `makeSocket`.
    private static func withAddress(
        of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }
}
