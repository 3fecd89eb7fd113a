import Glibc

/// What the event loop could not do. Each case carries the system's error number.
package enum EventLoopError: Error, Equatable, CustomStringConvertible {
    case create(errno: Int32)
    case start(errno: Int32)
    case addSource(kind: String, errno: Int32)
    case changeSource(kind: String, errno: Int32)

    package var description: String {
        switch self {
        case .create(let code): "cannot create the event loop: \(Self.reason(code))"
        case .start(let code): "cannot start the event loop's thread: \(Self.reason(code))"
        case .addSource(let kind, let code): "cannot watch \(kind): \(Self.reason(code))"
        case .changeSource(let kind, let code):
            "cannot change the watch of \(kind): \(Self.reason(code))"
        }
    }

    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
