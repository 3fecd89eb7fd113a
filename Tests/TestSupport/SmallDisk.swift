import Glibc

/// A file system of its own with little room. Only root can make one; it ends with the value.
package final class SmallDisk: Sendable {
    package let directory: TemporaryDirectory

    package var path: String { directory.path }

    /// - Parameter kilobytes: how much it holds.
    package init(kilobytes: Int) throws {
        directory = try TemporaryDirectory()
        guard mount("tmpfs", directory.path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else {
            throw TestSupportError("no tmpfs: \(String(cString: strerror(errno)))")
        }
    }

    deinit { umount2(directory.path, Int32(MNT_DETACH)) }

    /// Whether this process may make one.
    package static let isPossible = (try? SmallDisk(kilobytes: 64)) != nil

    /// Gives it more room, or less.
    package func resize(kilobytes: Int) throws {
        let flags = UInt(MS_REMOUNT)
        guard mount("tmpfs", path, "tmpfs", flags, "size=\(kilobytes)k") == 0 else {
            throw TestSupportError("cannot resize: \(String(cString: strerror(errno)))")
        }
    }

    /// A file of somebody else's takes all the room that is left.
    package func fill() throws {
        let descriptor = open(directory.file("filler"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw TestSupportError("no filler") }
        defer { close(descriptor) }
        for size in [4096, 1] {
            let bytes = [UInt8](repeating: 1, count: size)
            while write(descriptor, bytes, size) > 0 {}
        }
    }

    /// The file of somebody else's is gone.
    package func clear() { unlink(directory.file("filler")) }
}
