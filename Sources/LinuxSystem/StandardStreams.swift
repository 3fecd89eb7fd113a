import CLinux
import Glibc

/// The standard streams of a process whose output is an answer to its parent.
package enum StandardStreams {
    /// Puts `/dev/null` where standard input, output or errors were closed by the program that started this
    /// one: else the next descriptor, of a connection or a database, would get that number, and what is
    /// printed would go there. It is opened for reading alone, so that writing fails, as it did before.
    ///
    /// To be called before anything else is opened. Wraps `open(2)`.
    package static func hold() {
        for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(number, F_GETFD) < 0 {
            // The lowest number that is free is this one. Without /dev/null there is nothing to hold.
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Standard input, to be read to its end. Whoever reads it from now on finds it empty. Wraps
    /// `dup2(2)`.
    package static func takeInput() throws(SystemError) -> FileDescriptor {
        let input = try copy(of: STDIN_FILENO)
        let empty = try FileDescriptor.open(reading: "/dev/null")
        guard dup2(empty.number, STDIN_FILENO) >= 0 else {
            throw .failed(call: "redirect standard input", path: nil, errno: errno)
        }
        return input
    }

    /// Standard output, for the answer alone: whatever else is printed from now on goes to standard
    /// error. Wraps `dup2(2)`.
    package static func takeOutput() throws(SystemError) -> FileDescriptor {
        clinux_buffer_output_by_line()
        let output = try copy(of: STDOUT_FILENO)
        guard dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 else {
            throw .failed(call: "redirect standard output", path: nil, errno: errno)
        }
        return output
    }

    private static func copy(of number: Int32) throws(SystemError) -> FileDescriptor {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
        guard copy >= 0 else {
            throw .failed(call: "duplicate a descriptor", path: nil, errno: errno)
        }
        return FileDescriptor(owning: copy)
    }
}
