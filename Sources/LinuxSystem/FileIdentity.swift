import Glibc

/// Which file a path leads to. Two paths with the same device and inode lead to one file.
package struct FileIdentity: Sendable, Equatable {
    package let device: UInt64
    package let inode: UInt64

    /// Follows symbolic links. Wraps `stat(2)`.
    ///
    /// - Returns: `nil` where the path leads to nothing. `names` is the number of hard links.
    package static func of(
        _ path: String
    ) throws(SystemError) -> (identity: FileIdentity, names: Int)? {
        var status = stat()
        if stat(path, &status) == 0 {
            return (FileIdentity(status), Int(clamping: status.st_nlink))
        }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw .failed(call: "look at", path: path, errno: errno)
    }

    /// The open file behind a descriptor; `nil` when that is closed. Wraps `fstat(2)`.
    static func of(_ descriptor: Int32) -> FileIdentity? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? FileIdentity(status) : nil
    }

    private init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

/// Changes of a file's name. The file itself stays as it is.
package enum FileName {
    /// Wraps `rename(2)`. A file that has the new name is replaced.
    package static func change(_ path: String, to other: String) throws(SystemError) {
        guard rename(path, other) == 0 else {
            throw .failed(call: "rename", path: path, errno: errno)
        }
    }

    /// Wraps `unlink(2)`.
    package static func remove(_ path: String) throws(SystemError) {
        guard unlink(path) == 0 else { throw .failed(call: "remove", path: path, errno: errno) }
    }
}
