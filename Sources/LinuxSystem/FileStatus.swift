import Glibc

/// What the system says of a file. Wraps `stat(2)` and `access(2)`; symbolic links are followed.
package struct FileStatus: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case file
        case directory
        /// A device, a pipe or a socket.
        case other
    }

    package let kind: Kind
    /// Whether every user of the machine may change it.
    package let isWritableByAll: Bool

    package init(path: String) throws(SystemError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw .failed(call: "read", path: path, errno: errno)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .directory
        default: kind = .other
        }
        isWritableByAll = status.st_mode & S_IWOTH != 0
    }

    /// Whether this process may execute the file.
    package static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

    /// Whether there is something of that name, or may be: what cannot be looked at counts as there.
    package static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)
    }

    /// Where a name leads when all links in it are followed; `nil`: nowhere, or not for this user. Wraps
    /// `realpath(3)`.
    package static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(validatingCString: resolved)
    }

    /// Whether both names lead to the same file or device.
    package static func isSame(_ one: String, _ other: String) -> Bool {
        var first = stat()
        var second = stat()
        return stat(one, &first) == 0 && stat(other, &second) == 0
            && first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }
}
