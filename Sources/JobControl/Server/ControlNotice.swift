/// What an administrator should know of the control socket.
package struct ControlNotice: Sendable {
    /// For the log.
    package let line: String
    /// Whether somebody tried to act who may not; else a connection, or the socket, is in trouble.
    package let isRefusal: Bool

    static func refused(_ line: String) -> ControlNotice {
        ControlNotice(line: line, isRefusal: true)
    }

    static func trouble(_ line: String) -> ControlNotice {
        ControlNotice(line: line, isRefusal: false)
    }
}
