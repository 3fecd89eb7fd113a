import CLinux
import Glibc

/// Both ends of a pipe, each until it is set to `nil`. No process that is started inherits them, unless
/// they are handed to it, and they are none of the numbers 0, 1 and 2, so that they can be handed over
/// as these without one being displaced by another.
package struct Pipe: ~Copyable {
    package var reading: FileDescriptor?
    package var writing: FileDescriptor?

    /// Wraps `pipe2(2)`.
    package init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else {
            throw .failed(call: "make a pipe", path: nil, errno: errno)
        }
        let first = FileDescriptor(owning: ends[0])
        let second = FileDescriptor(owning: ends[1])
        reading = try first.aboveStandardStreams()
        writing = try second.aboveStandardStreams()
    }

    /// One whose writer's bytes nobody gets: `/dev/null`, with no end to read from.
    package init(toNobody: Void) throws(SystemError) {
        reading = nil
        writing = try FileDescriptor.open(writing: "/dev/null").aboveStandardStreams()
    }
}

extension FileDescriptor {
    /// The same open file under a number that is not 0, 1 or 2: itself, where that holds already.
    consuming func aboveStandardStreams() throws(SystemError) -> FileDescriptor {
        if number > STDERR_FILENO { return self }
        return try duplicate()
    }

    /// The same open file under another number, which is closed on exec and not 0, 1 or 2. Wraps
    /// `fcntl(2)` with F_DUPFD_CLOEXEC.
    func duplicate() throws(SystemError) -> FileDescriptor {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
        guard copy >= 0 else {
            throw .failed(call: "duplicate a descriptor", path: nil, errno: errno)
        }
        return FileDescriptor(owning: copy)
    }
}
