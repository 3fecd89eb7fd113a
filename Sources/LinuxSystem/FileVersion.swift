import Glibc

/// Which file a path leads to, and a sign of what it holds: when one of them has changed, so has this.
package struct FileVersion: Sendable, Equatable {
    package let path: String
    private let device: UInt64
    private let inode: UInt64
    /// Of a directory nothing but which one it is: files come and go there.
    private let size: Int64
    private let modifiedSeconds: Int64
    private let modifiedNanoseconds: Int64

    /// Follows symbolic links. Wraps `stat(2)`.
    ///
    /// - Returns: `nil` where there is no file and no directory.
    package init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG || kind == S_IFDIR else { return nil }
        self.path = path
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = kind == S_IFREG ? Int64(status.st_size) : 0
        modifiedSeconds = kind == S_IFREG ? Int64(status.st_mtim.tv_sec) : 0
        modifiedNanoseconds = kind == S_IFREG ? Int64(status.st_mtim.tv_nsec) : 0
    }
}
