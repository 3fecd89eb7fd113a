import CLinux
import Glibc

/// A process that was just started, for whoever makes a `ChildHandle` of it.
package struct StartedProcess: Sendable {
    let processID: Int32
    let descriptor: Int32
}

/// A child process, from its start until it is reaped. For so long the number of it, of its group and
/// of its session are nobody else's.
package struct ChildHandle: ~Copyable, Sendable {
    package let processID: Int32
    private let descriptor: FileDescriptor

    /// Takes over `started`, which nobody else may.
    package init(_ started: StartedProcess) {
        processID = started.processID
        descriptor = FileDescriptor(owning: started.descriptor)
    }

    /// Becomes readable when the process has ended. To lend to whoever watches it.
    package var descriptorToWatch: Int32 { descriptor.number }

    /// Sends `signal` to all processes of its group. There is nobody to be told when none is left.
    /// Wraps `kill(2)`.
    ///
    /// - Returns: whether it was refused for all of them, because they run as another user.
    @discardableResult
    package func signalGroup(_ signal: Int32) -> Bool {
        kill(-processID, signal) < 0 && errno == EPERM
    }

    /// Blocks until the process has ended: for one that was killed and cannot be watched.
    package static func blockUntilEnded(_ descriptorToWatch: Int32) {
        var watched = pollfd(fd: descriptorToWatch, events: Int16(POLLIN), revents: 0)
        while poll(&watched, 1, -1) < 0 && errno == EINTR {}
    }

    /// Asks how the process has ended; does not wait. The last use of the value, when it has. Wraps
    /// `waitid(2)` with P_PIDFD.
    ///
    /// - Returns: `nil` while it runs.
    package func reap() throws(SystemError) -> ProcessEnd? {
        var signal: Int32 = 0
        var status: Int32 = 0
        switch clinux_reap(descriptor.number, &signal, &status) {
        case 0: return nil
        case 1: return signal == 0 ? .exited(status) : .killed(signal: signal)
        default: throw .failed(call: "wait for a process", path: nil, errno: errno)
        }
    }
}
