import CLinux
import Glibc

/// The standard streams of a process whose output is an answer to its parent.
package enum StandardStreams {
    /// Standard input, to be read to its end. May be taken once.
    package static func takeInput() -> FileDescriptor { FileDescriptor(owning: STDIN_FILENO) }

    /// Standard output, for the answer alone: whatever else is printed from now on goes to standard
    /// error. Wraps `dup2(2)`.
    package static func takeOutput() throws(SystemError) -> FileDescriptor {
        clinux_buffer_output_by_line()
        let copy = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
        guard copy >= 0 else {
            throw .failed(call: "duplicate a descriptor", path: nil, errno: errno)
        }
        let output = FileDescriptor(owning: copy)
        guard dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 else {
            throw .failed(call: "redirect standard output", path: nil, errno: errno)
        }
        return output
    }
}
