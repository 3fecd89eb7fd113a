import CSystemd
import Glibc

/// A socket that the service manager opened before it started this process.
package struct PassedSocket: Sendable, Equatable {
    /// As `FileDescriptorName=` of the socket unit says.
    package let name: String
    /// Whoever takes the socket closes it.
    package let descriptor: Int32
}

/// Socket activation, as `daemon(7)` describes it.
package enum SocketActivation {
    /// Takes the sockets that were passed to this process, and the variables that speak of them from the
    /// environment, so that no child believes that they are its own. Call it once, while there is no
    /// other thread. Wraps `sd_listen_fds_with_names(3)`.
    package static func take() throws(SocketActivationError) -> [PassedSocket] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        guard count >= 0 else { throw SocketActivationError(errno: -count) }
        guard count > 0, let names else { return [] }
        defer { free(names) }
        return (0..<Int(count)).map { index in
            defer { free(names[index]) }
            return PassedSocket(
                name: names[index].map { String(cString: $0) } ?? "",
                descriptor: SD_LISTEN_FDS_START + Int32(index))
        }
    }
}

/// The variables that speak of passed sockets cannot be understood.
package struct SocketActivationError: Error, Equatable, CustomStringConvertible {
    package let errno: Int32

    package var description: String {
        "cannot take the sockets of systemd: \(String(cString: strerror(errno))); what do LISTEN_FDS and "
            + "LISTEN_FDNAMES say?"
    }
}
