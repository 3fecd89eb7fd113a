/// How the daemon ends, after sysexits.h.
package enum ExitCode: Int32, Sendable, Equatable {
    case success = 0
    /// Ended by a second signal, before everything was put in order.
    case interrupted = 1
    /// The command line cannot be understood.
    case usage = 64
    /// The broker was never reached.
    case unavailable = 69
    /// Something of our own or of the system failed that should not.
    case software = 70
    /// The broker was reached, and refused or is not fit for use.
    case refused = 77
    /// A setting is wrong, or a socket, file or port cannot be had.
    case configuration = 78
}

/// Why the daemon cannot start or go on: the line for the administrator, and the exit code.
struct StartFailure: Error, CustomStringConvertible {
    let code: ExitCode
    let description: String

    init(_ code: ExitCode, _ description: String) {
        self.code = code
        self.description = description
    }
}
