/// What an administrator should know of the control socket, as a line for the log.
package enum ControlNotice: Equatable, Sendable {
    /// Somebody who may not act tried to.
    case refused(String)
    /// A connection, or the socket itself, is in trouble.
    case trouble(String)
}
