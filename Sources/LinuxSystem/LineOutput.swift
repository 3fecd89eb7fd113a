import Glibc

/// A descriptor that lines are written to, such as standard error. Does not own it.
package struct LineOutput: Sendable {
    private let descriptor: Int32

    package static let standardError = LineOutput(descriptor: STDERR_FILENO)

    package static let standardOutput = LineOutput(descriptor: STDOUT_FILENO)

    package init(descriptor: Int32) { self.descriptor = descriptor }

    /// Writes all of `bytes`; blocks for as long as nobody reads, also when whoever shares the
    /// descriptor has made it non-blocking. Wraps `write(2)`.
    package func write(_ bytes: [UInt8]) throws(LineOutputError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&watched, 1, -1)
            case let code: throw LineOutputError(errno: code)
            }
        }
    }
}

/// Nobody takes lines there any more.
package struct LineOutputError: Error, Equatable, CustomStringConvertible {
    package let errno: Int32

    package init(errno: Int32) { self.errno = errno }

    package var description: String { "cannot write a line: \(reason)" }

    /// The system's words.
    package var reason: String { String(cString: strerror(errno)) }
}
